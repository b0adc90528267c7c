/** `imgc check`: diagnostics are the result, so they go to standard output. */
import { resolve } from "node:path";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { FormatName } from "../diagnostics/formats/index.ts";
import { check as checkText, type Source } from "../language/index.ts";
import { EXIT } from "./exit.ts";
import { findSpecs } from "./find-specs.ts";
import { disk, readText } from "./read-spec.ts";
import { report } from "./report.ts";

export interface CheckCommand {
  format?: FormatName;
  stdinFilepath?: string;
  denyWarnings?: boolean;
  maxDiagnostics?: number;
}

export function check(names: string[], options: CheckCommand): void {
  const sources = new Map<string, Source>();
  const files: string[] = [];
  const found = new Map<string, Diagnostic>();
  for (const name of findSpecs(names)) {
    const path = resolve(name === "-" ? (options.stdinFilepath ?? "stdin.imgspec") : name);
    const result = checkText({ path, text: readText(name === "-" ? 0 : name) }, disk);
    files.push(path);
    for (const [file, source] of result.sources) sources.set(file, source);
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

function summary(diagnostics: readonly Diagnostic[], files: number, hidden: number): string {
  const number = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;
  const of = (severity: string): number => diagnostics.filter((found) => found.severity === severity).length;
  const counts = [number(of("error"), "error"), number(of("warning"), "warning")].filter((each) => !/^0/.test(each));
  const what = counts.length === 0 ? "nothing to complain about" : counts.join(" and ");
  return `${what} in ${number(files, "file")}${hidden === 0 ? "" : `; ${hidden} not shown`}`;
}
