/**
 * Files and folders that a process has for itself, for a while. They carry its number, so that what one leaves that was
 * killed, the next one removes: when the tools that it gave them to, which may go on, have ended as well.
 */
import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";

/** The files and folders that this process has made; some may be deleted already. */
const own = new Set<string>();

/** Deletes this process's files before an immediate exit, except those that a tool still uses. */
export function removeOwn(): void {
  for (const path of own) if (!isGiven(path)) rmSync(path, { recursive: true, force: true });
}

/** A new folder for what is temporary; `purpose` is one of a kind, as in `imgc-roots-`. */
export function ownFolder(purpose: string): string {
  removeLeftovers(tmpdir(), purpose);
  const path = mkdtempSync(join(tmpdir(), `${purpose}${process.pid}-`));
  own.add(path);
  return path;
}

/** A path beside a file or a folder, for what becomes it when it is whole. */
export function ownBeside(path: string): string {
  return ownPath(dirname(path), `.${basename(path)}.new-`);
}

/** Writes a file beside, which becomes `path` when it is whole, so that no reader ever sees half of it. */
export function replaceFile(path: string, text: string): void {
  const beside = ownBeside(path);
  writeFileSync(beside, text);
  renameSync(beside, path);
}

/** A path in a folder where others are, too. */
export function ownPath(folder: string, prefix: string): string {
  removeLeftovers(folder, prefix);
  const path = join(folder, `${prefix}${process.pid}`);
  // A container begins to count anew: one that was killed had this number, perhaps.
  rmSync(path, { recursive: true, force: true });
  own.add(path);
  return path;
}

function removeLeftovers(folder: string, prefix: string): void {
  for (const name of readdirSync(folder)) {
    const [, pid] = name.startsWith(prefix) ? (/^(\d+)(?:-|$)/.exec(name.slice(prefix.length)) ?? []) : [];
    const path = join(folder, name);
    if (pid === undefined || isRunning(Number(pid)) || isGiven(path)) continue;
    try {
      rmSync(path, { recursive: true, force: true });
    } catch {
      // Somebody else's, who will.
    }
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
}

/** Whether a process that runs has it on its command line, as far as the system tells. */
function isGiven(path: string): boolean {
  try {
    return readdirSync("/proc").some((pid) => /^\d+$/.test(pid) && commandLine(pid).includes(path));
  } catch {
    return false;
  }
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    return ""; // It has just ended.
  }
}
