/**
 * Temporary files and folders. Their names contain the process ID, so that a later process can delete the files of a
 * killed process. Files that a running tool still uses are kept.
 */
import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { EXIT, ImgcError, messageOf } from "./errors.ts";
import { printableLine } from "./printable.ts";

/** The files and folders made by this process; some may already be deleted. */
const own = new Set<string>();

/** Deletes this process's files before an immediate exit, except those that a tool still uses. */
export function removeOwn(): void {
  for (const path of own) if (!isGiven(path)) rmSync(path, { recursive: true, force: true });
}

/** Makes a temporary folder. `purpose`: a unique prefix, such as `imgc-roots-`. */
export function ownFolder(purpose: string): string {
  try {
    removeLeftovers(tmpdir(), purpose);
    const path = mkdtempSync(join(tmpdir(), `${purpose}${process.pid}-`));
    own.add(path);
    return path;
  } catch (error) {
    const problem = `cannot make a folder in ${printableLine(tmpdir())}: ${printableLine(messageOf(error))}`;
    throw new ImgcError(EXIT.environment, `${problem} (TMPDIR sets another folder for temporary files)`);
  }
}

/** A temporary path beside `path`, to be renamed to `path` when complete. */
export function ownBeside(path: string): string {
  return ownPath(dirname(path), `.${basename(path)}.new-`);
}

/** Writes a file under a temporary name, then renames it, so that readers never see a partial file. */
export function replaceFile(path: string, content: string | Uint8Array, mode = 0o666): void {
  const beside = ownBeside(path);
  writeFileSync(beside, content, { mode });
  renameSync(beside, path);
}

/** A temporary path in a shared folder. */
export function ownPath(folder: string, prefix: string): string {
  removeLeftovers(folder, prefix);
  const path = join(folder, `${prefix}${process.pid}`);
  // In a new container, process IDs start again: a killed process may have had this ID.
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
      // Owned by another user; leave it.
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

/** Whether a running process has the path on its command line; false if there is no /proc. */
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
