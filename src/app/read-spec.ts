/** Reads and checks a spec from disk, for the commands that need one. */
import { existsSync, readdirSync, readFileSync, realpathSync } from "node:fs";
import { resolve } from "node:path";
import { check, paramsOf, type CheckOptions, type CheckResult, type Host, type Source } from "../language/index.ts";
import { copiesOf, readCopy, withoutList, type ReadCopy } from "./copies.ts";
import { copyWarnings, suspectsIn } from "./copy-warnings.ts";
import { readArguments } from "./parameters.ts";
import { readSource } from "../util/text-files.ts";

/** The file system for imports and `copy`. */
export const disk: Host = {
  exists: existsSync,
  realPath: (path) => realpathSync(path),
  read(path) {
    try {
      return readFileSync(path, "utf8");
    } catch {
      return undefined;
    }
  },
};

/** Lists a folder, for editors; folders end with "/". Links are not followed, so that no folder is walked twice. */
export function list(folder: string): string[] {
  try {
    const entries = readdirSync(folder, { withFileTypes: true });
    return entries.map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name));
  } catch {
    return [];
  }
}

/** A checked source, and the copies of its images. */
export interface CheckedSource extends CheckResult {
  copies: ReadCopy[];
}

export function checkFile(path: string): CheckedSource {
  return checkOnDisk(sourceAt(path));
}

/** Like `checkFile`, with values of parameters, each as `name=value`. They are used only if the file has no error. */
export function checkFileWith(path: string, given: readonly string[]): CheckedSource {
  const source = sourceAt(path);
  const spec = given.length === 0 ? undefined : check(source, disk).spec;
  return checkOnDisk(source, spec && { params: readArguments(given, spec.params, path) });
}

/**
 * Checks a source with values of parameters, each as `name=value`. Throws if the source lacks one of the parameters.
 * `name`: the name of the source in messages.
 */
export function checkWith(source: Source, given: readonly string[], name: string): CheckedSource {
  if (given.length === 0) return checkOnDisk(source);
  return checkOnDisk(source, { params: readArguments(given, paramsOf(check(source, disk).root), name) });
}

/** Checks a source against the files on disk. */
export function checkOnDisk(source: Source, options?: CheckOptions): CheckedSource {
  const result = check(source, disk, options);
  // Each copied folder is walked only here.
  const read = copiesOf(result.spec).map((copy) => ({ copy, copied: readCopy(copy) }));
  const suspects = read.map(({ copy, copied }) => ({ ...copy, ...suspectsIn(copy.source, copied.taken) }));
  return {
    ...result,
    copies: read.map(({ copy, copied }) => withoutList(copy, copied)),
    diagnostics: [...result.diagnostics, ...copyWarnings(result, suspects)],
  };
}

function sourceAt(path: string): Source {
  return { path: resolve(path), text: readSource(path) };
}
