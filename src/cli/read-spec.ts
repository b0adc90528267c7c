/** Reads and checks a spec from disk, for the commands that need one. */
import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { check, type CheckOptions, type CheckResult, type Host } from "../language/index.ts";
import { EXIT, UserError } from "./exit.ts";

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

/** A file's text; a file that was asked for and cannot be read ends the command. */
export function readText(path: string | 0): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const name = path === 0 ? "standard input" : path;
    throw new UserError(EXIT.usage, `cannot read ${name}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
