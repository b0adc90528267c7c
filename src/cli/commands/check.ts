/** `imgc check`: prints the diagnostics of files. They are the command's result, so they go to standard output. */
import { relative, resolve } from "node:path";
import type { Diagnostic } from "../../diagnostics/diagnostic.ts";
import type { FormatName } from "../../diagnostics/formats/index.ts";
import type { Inspect } from "../../fixes/index.ts";
import type { Source } from "../../language/index.ts";
import { checkFiles, type CheckedFiles } from "../../app/check.ts";
import { printableLine } from "../../util/printable.ts";
import { EXIT, ImgcError } from "../../util/errors.ts";
import { FileErrors, findFiles } from "../../app/spec-files.ts";
import { report } from "../terminal/diagnostics.ts";
import { decodeSource, readSource } from "../../util/text-files.ts";
import { quantity } from "../../util/quantities.ts";

export interface CheckCommandOptions {
  format?: FormatName;
  stdinFilepath?: string;
  denyWarnings?: boolean;
  maxDiagnostics?: number;
  fix?: boolean;
  packages?: boolean;
  nixpkgs?: string;
  /** Parameters, each as `name=value`. */
  set?: string[];
}

export async function check(names: string[], options: CheckCommandOptions): Promise<void> {
  if (options.fix === true && names.includes("-"))
    throw new ImgcError(EXIT.usage, "--fix changes files, so it cannot be used with standard input");
  const inspect = await inspection(options);
  const errors = new FileErrors();
  const { diagnostics, sources, files } = await checkFiles(await read(names, errors, options.stdinFilepath), {
    ...(options.set !== undefined && { set: options.set }),
    inspect,
    ...(options.fix === true && { onFixed: printFixed }),
  });
  printDiagnostics({ diagnostics, sources, files }, options);
  const failing = ({ severity }: Diagnostic): boolean => severity === "error" || options.denyWarnings === true;
  if (diagnostics.some(failing)) process.exitCode = EXIT.findings;
  errors.throwAll();
}

function printDiagnostics({ diagnostics, sources, files }: CheckedFiles, options: CheckCommandOptions): void {
  // Without diagnostics, print nothing, since even opening standard output costs time. JSON and SARIF need a document
  // anyway.
  if (diagnostics.length === 0 && options.format !== "json" && options.format !== "sarif") return;
  const printed = diagnostics.slice(0, options.maxDiagnostics);
  const format = options.format ?? (process.stdout.isTTY ? "pretty" : "unix");
  report({ diagnostics: printed, sources, files }, process.stdout, format);
  if (format === "pretty" || printed.length < diagnostics.length)
    process.stderr.write(`\n${summary(diagnostics, files.length, diagnostics.length - printed.length)}\n`);
}

/** The check of packages if `--packages` is set, otherwise a function that finds nothing. */
async function inspection({ packages = false, nixpkgs }: CheckCommandOptions): Promise<Inspect> {
  if (!packages) {
    if (nixpkgs !== undefined) throw new ImgcError(EXIT.usage, "--nixpkgs needs --packages");
    return async () => [];
  }
  const { packageCheck } = await import("../terminal/package-check.ts");
  return packageCheck(nixpkgs);
}

async function read(names: string[], errors: FileErrors, stdinFilepath = "stdin.imgspec"): Promise<Source[]> {
  if (!names.includes("-")) {
    return findFiles(names, errors).flatMap(
      (name) => errors.collect(() => ({ path: resolve(name), text: readSource(name) })) ?? [],
    );
  }
  if (names.length > 1) throw new ImgcError(EXIT.usage, "`-` cannot be combined with other paths");
  const { buffer } = await import("node:stream/consumers");
  return [{ path: resolve(stdinFilepath), text: decodeSource(await buffer(process.stdin)) }];
}

function printFixed(path: string, title: string): void {
  process.stderr.write(`${printableLine(relative(process.cwd(), path))}: ${printableLine(title)}\n`);
}

function summary(diagnostics: readonly Diagnostic[], files: number, hidden: number): string {
  const of = (severity: string): number => diagnostics.filter((found) => found.severity === severity).length;
  const counts = [quantity(of("error"), "error"), quantity(of("warning"), "warning")].filter(
    (each) => !each.startsWith("0"),
  );
  return `${counts.join(" and ")} in ${quantity(files, "file")}${hidden === 0 ? "" : `; ${hidden} not shown`}`;
}
