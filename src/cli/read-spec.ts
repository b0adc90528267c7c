/** Reads and checks a spec from disk, for the commands that need one. */
import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { check, type CheckResult } from "../language/index.ts";
import { EXIT, UserError } from "./exit.ts";

export function checkFile(path: string): CheckResult {
  const absolute = resolve(path);
  let text: string;
  try {
    text = readFileSync(absolute, "utf8");
  } catch (error) {
    throw new UserError(EXIT.usage, `cannot read ${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
  return check(
    { path: absolute, text },
    {
      exists: existsSync,
      read: (other) => {
        try {
          return readFileSync(other, "utf8");
        } catch {
          return undefined;
        }
      },
    },
  );
}
