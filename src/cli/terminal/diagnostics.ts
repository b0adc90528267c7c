/** Prints diagnostics: with excerpts and colours on a terminal, otherwise one line each. */
import { relative } from "node:path";
import type { Diagnostic } from "../../diagnostics/diagnostic.ts";
import { formats, type FormatName } from "../../diagnostics/formats/index.ts";
import type { Source } from "../../language/index.ts";
import { hasColors } from "./style.ts";
import { terminalWidth } from "./width.ts";

/** The stream for diagnostics. */
interface Output {
  isTTY?: boolean;
  columns?: number;
  write(text: string): unknown;
}

export interface Findings {
  diagnostics: readonly Diagnostic[];
  sources: ReadonlyMap<string, Source>;
  files?: readonly string[];
}

export function report(
  { diagnostics, sources, files = [] }: Findings,
  output: Output,
  format: FormatName = output.isTTY === true ? "pretty" : "unix",
): void {
  const layout = { colours: hasColors(output), width: terminalWidth(output) };
  const text = formats[format]({ diagnostics, sources, files, name: shortName, ...layout });
  if (text !== "") output.write(text);
}

/** Makes a path below the working directory relative; keeps other paths unchanged. */
function shortName(path: string): string {
  const short = relative(process.cwd(), path);
  return short.startsWith("..") ? path : short;
}
