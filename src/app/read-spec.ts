/** Reads and checks a spec from disk, for the commands that need one. */
import { existsSync, readFileSync, realpathSync } from "node:fs";
import { resolve } from "node:path";
import { check, type CheckOptions, type CheckResult, type Host, type Source } from "../language/index.ts";
import { copyWarnings } from "./copy-warnings.ts";
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

export function checkFile(path: string, options?: CheckOptions): CheckResult {
  return checkOnDisk({ path: resolve(path), text: readSource(path) }, options);
}

/** Checks a source against the files on disk. */
export function checkOnDisk(source: Source, options?: CheckOptions): CheckResult {
  const result = check(source, disk, options);
  return { ...result, diagnostics: [...result.diagnostics, ...copyWarnings(result)] };
}
