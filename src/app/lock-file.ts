/** Reads and replaces the lock file beside a spec. */
import { existsSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { position } from "../diagnostics/source.ts";
import { EMPTY_LOCK, LockError, parseLock, printLock, type Lock } from "../lock/lock-file.ts";
import { EXIT, ImgcError } from "../util/errors.ts";
import { printableLine } from "../util/printable.ts";
import { readText, replaceText } from "../util/text-files.ts";

export function lockPath(spec: string): string {
  return join(dirname(spec), "imgc.lock");
}

/** The last lock without problems: a build reads the file again at its end, since another process may have changed it. */
let last: { text: string; lock: Lock } | undefined;

/** The lock beside a spec; empty if the file does not exist. `note` receives problems in optional parts. */
export function readLock(spec: string, note: (message: string) => void = () => {}): Lock {
  const path = lockPath(spec);
  if (!existsSync(path)) return EMPTY_LOCK;
  const text = lockText(path);
  if (text === last?.text) return last.lock;
  const placed = ({ message, offset }: LockError): string => {
    const { line, column } = position({ text }, offset);
    return `${path}:${line}:${column}: ${message}`;
  };
  const problems: LockError[] = [];
  try {
    const lock = parseLock(text, (error) => problems.push(error));
    problems.forEach((error) => note(placed(error)));
    if (problems.length === 0) last = { text, lock };
    return lock;
  } catch (error) {
    if (!(error instanceof LockError)) throw error;
    const remedy = `correct the file, or delete it and run \`imgc lock ${spec}\``;
    throw new ImgcError(EXIT.findings, `${placed(error)}; ${remedy}`);
  }
}

function lockText(path: string): string {
  // Not a mistake in the command line, since no argument names the lock.
  if (!statSync(path).isFile())
    throw new ImgcError(EXIT.environment, `${printableLine(path)} is not a file; move it away`);
  return readText(path, EXIT.environment);
}

export function writeLock(spec: string, lock: Lock): void {
  replaceText(lockPath(spec), printLock(lock));
}
