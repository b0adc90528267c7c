/** Reads and checks a spec from disk, for the commands that need one. */
import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { check, type CheckOptions, type CheckResult, type Host } from "../language/index.ts";
import { readText } from "./text-files.ts";

/** What imports and `copy` find. */
export const disk: Host = {
  exists: existsSync,
  read(path) {
    try {
      return readFileSync(path, "utf8");
    } catch {
      return undefined;
    }
  },
};

export function checkFile(path: string, options?: CheckOptions): CheckResult {
  return check({ path: resolve(path), text: readText(path) }, disk, options);
}
