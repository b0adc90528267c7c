/** Makes folders. */
import { mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";

/** Makes a folder and its parents. Node's `mkdir` with `recursive` never returns in file systems such as /proc. */
export function makeFolder(path: string): void {
  if (isFolder(path)) return;
  if (dirname(path) !== path) makeFolder(dirname(path));
  try {
    mkdirSync(path);
  } catch (error) {
    // Another process may have made the folder meanwhile.
    if (!isFolder(path)) throw error;
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
