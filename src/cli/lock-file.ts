/** The lock file beside a spec: read whole or not at all, replaced in one step. */
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { EMPTY_LOCK, LockError, parseLock, printLock, type Lock } from "../lock/lock-file.ts";
import { EXIT, UserError } from "./exit.ts";
import { readText, replaceText } from "./text-files.ts";

export function lockPath(spec: string): string {
  return join(dirname(spec), "imgc.lock");
}

/** The lock beside a spec; an empty one where there is none. */
export function readLock(spec: string): Lock {
  const path = lockPath(spec);
  if (!existsSync(path)) return EMPTY_LOCK;
  try {
    return parseLock(readText(path));
  } catch (error) {
    if (!(error instanceof LockError)) throw error;
    const remedy = `\`imgc lock --update ${spec}\` writes it anew once it is out of the way`;
    throw new UserError(EXIT.findings, `${path}: ${error.message}; ${remedy}`);
  }
}

export function writeLock(spec: string, lock: Lock): void {
  replaceText(lockPath(spec), printLock(lock));
}
