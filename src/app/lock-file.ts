/** Reads and replaces the lock file beside a spec. */
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Unpinned } from "../compile/index.ts";
import { diagnostic, type Diagnostic } from "../diagnostics/diagnostic.ts";
import { position } from "../diagnostics/source.ts";
import type { CheckResult } from "../language/index.ts";
import { EMPTY_LOCK, LockError, parseLock, printLock, type Lock } from "../lock/lock-file.ts";
import { EXIT, ImgcError } from "../util/errors.ts";
import { readText, replaceText } from "../util/text-files.ts";

/** The diagnostic for a reference without a pin, or with a pin that does not fit. */
export function pinDiagnostic({ path, image, reference, misfit }: Unpinned, locate: CheckResult["locate"]): Diagnostic {
  const place = locate(path, image);
  if (misfit === undefined) return diagnostic("not-pinned", place, { reference });
  return diagnostic("stale-lock", place, { reference, misfit });
}

export function lockPath(spec: string): string {
  return join(dirname(spec), "imgc.lock");
}

/** The lock beside a spec; empty if the file does not exist. `note` receives problems in optional parts. */
export function readLock(spec: string, note: (message: string) => void = () => {}): Lock {
  const path = lockPath(spec);
  if (!existsSync(path)) return EMPTY_LOCK;
  const text = readText(path);
  const placed = ({ message, offset }: LockError): string => {
    const { line, column } = position({ text }, offset);
    return `${path}:${line}:${column}: ${message}`;
  };
  try {
    return parseLock(text, (error) => note(placed(error)));
  } catch (error) {
    if (!(error instanceof LockError)) throw error;
    const remedy = `correct the file, or delete it and run \`imgc lock ${spec}\``;
    throw new ImgcError(EXIT.findings, `${placed(error)}; ${remedy}`);
  }
}

export function writeLock(spec: string, lock: Lock): void {
  replaceText(lockPath(spec), printLock(lock));
}
