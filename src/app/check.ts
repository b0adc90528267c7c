/** Checks several files, and applies safe fixes to them. */
import { relative } from "node:path";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { applyFixes, withFix, type Inspect } from "../fixes/index.ts";
import { NOT_UTF8, type CheckResult, type Source } from "../language/index.ts";
import { replaceText } from "../util/text-files.ts";
import { checkWith, disk } from "./read-spec.ts";

export interface CheckRequest {
  /** Values of parameters, each as `name=value`. */
  set?: readonly string[];
  /** A check beside those of the language. */
  inspect: Inspect;
  /** If set, the safe fixes are written into the files. Called with the path of the file and the title of each fix. */
  onFixed?: (path: string, title: string) => void;
}

export interface CheckedFiles {
  /** The diagnostics of all files, each once. */
  diagnostics: Diagnostic[];
  /** The checked files and their imports. */
  sources: Map<string, Source>;
  /** The paths of the checked files. */
  files: string[];
}

export async function checkFiles(given: readonly Source[], request: CheckRequest): Promise<CheckedFiles> {
  const { set = [], inspect, onFixed } = request;
  const sources = new Map<string, Source>();
  const files: string[] = [];
  const found = new Map<string, Diagnostic>();
  for (const each of given) {
    const source = onFixed === undefined ? each : await fixFile(each, inspect, onFixed);
    const result = checkWith(source, set, relative(process.cwd(), source.path));
    files.push(source.path);
    for (const [file, text] of result.sources) sources.set(file, text);
    // Two files may import the same wrong file: keep its diagnostics once.
    for (const diagnostic of [...result.diagnostics, ...(await wrongKeys(result)), ...(await inspect(result))]) {
      const { file, span, message } = diagnostic;
      found.set(JSON.stringify([file, span, message]), withFix(diagnostic, result));
    }
  }
  return { diagnostics: [...found.values()], sources, files };
}

/** The keys of `signed-base` that cannot be read. Few files have this setting, so the code for keys is loaded only then. */
async function wrongKeys({ spec, locate }: CheckResult): Promise<Diagnostic[]> {
  if (spec === undefined || spec.images.every(({ expect }) => expect.signedBase === null)) return [];
  const { readBaseKeys } = await import("./base-keys.ts");
  return readBaseKeys(spec, locate).diagnostics;
}

async function fixFile(
  source: Source,
  inspect: Inspect,
  onFixed: (path: string, title: string) => void,
): Promise<Source> {
  // Writing the file would lose bytes that are not UTF-8.
  if (source.text.includes(NOT_UTF8)) return source;
  const { text, made } = await applyFixes(source, disk, inspect);
  if (text !== source.text) replaceText(source.path, text);
  for (const title of made) onFixed(source.path, title);
  return { ...source, text };
}
