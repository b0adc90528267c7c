/** `imgc check`: diagnostics are the result, so they go to standard output. */
import { resolve } from "node:path";
import { buffer } from "node:stream/consumers";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { FormatName } from "../diagnostics/formats/index.ts";
import { check as checkText, type Source } from "../language/index.ts";
import { EXIT, UserError } from "./exit.ts";
import { findFiles } from "./find-files.ts";
import { disk } from "./read-spec.ts";
import { report } from "./report.ts";
import { decode, readText } from "./text-files.ts";

export interface CheckCommand {
  format?: FormatName;
  stdinFilepath?: string;
  denyWarnings?: boolean;
  maxDiagnostics?: number;
}

export async function check(names: string[], options: CheckCommand): Promise<void> {
  const sources = new Map<string, Source>();
  const files: string[] = [];
  const found = new Map<string, Diagnostic>();
  for (const source of await read(names, options.stdinFilepath)) {
    const result = checkText(source, disk);
    files.push(source.path);
    for (const [file, each] of result.sources) sources.set(file, each);
    // What two files import is wrong once.
    for (const each of result.diagnostics) found.set(JSON.stringify([each.file, each.span, each.code]), each);
  }
  const diagnostics = [...found.values()];
  const shown = diagnostics.slice(0, options.maxDiagnostics);
  const format = options.format ?? (process.stdout.isTTY ? "pretty" : "unix");
  report({ diagnostics: shown, sources, files }, process.stdout, format);
  if (format === "pretty" || shown.length < diagnostics.length)
    process.stderr.write(
      `${shown.length > 0 ? "\n" : ""}${summary(diagnostics, files.length, diagnostics.length - shown.length)}\n`,
    );
  const failing = ({ severity }: Diagnostic): boolean => severity === "error" || options.denyWarnings === true;
  if (diagnostics.some(failing)) process.exitCode = EXIT.findings;
}

async function read(names: string[], stdinFilepath = "stdin.imgspec"): Promise<Source[]> {
  if (!names.includes("-")) return findFiles(names).map((name) => ({ path: resolve(name), text: readText(name) }));
  if (names.length > 1) throw new UserError(EXIT.usage, "`-` is standard input and stands alone");
  return [{ path: resolve(stdinFilepath), text: decode(await buffer(process.stdin), "standard input") }];
}

function summary(diagnostics: readonly Diagnostic[], files: number, hidden: number): string {
  const number = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;
  const of = (severity: string): number => diagnostics.filter((found) => found.severity === severity).length;
  const counts = [number(of("error"), "error"), number(of("warning"), "warning")].filter(
    (each) => !each.startsWith("0"),
  );
  const what = counts.length === 0 ? "nothing to complain about" : counts.join(" and ");
  return `${what} in ${number(files, "file")}${hidden === 0 ? "" : `; ${hidden} not shown`}`;
}
