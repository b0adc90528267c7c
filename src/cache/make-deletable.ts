/** Nix makes store directories read-only; users who delete or archive a cache folder need write permission. */
import { chmodSync, existsSync, lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";

const OWNER_WRITES = 0o200;

/** Makes all folders of the chroot store at `root` writable for their owner; read-only files can then be deleted. */
export function makeDeletable(root: string): void {
  const store = join(root, "nix/store");
  if (!existsSync(store)) return;
  for (const name of readdirSync(store)) {
    const path = join(store, name);
    // A writable top folder was handled by an earlier call.
    if (name !== ".links" && lstatSync(path).isDirectory()) openFolder(path);
  }
}

/** Works from the bottom up, so that a writable folder has only writable folders below it. */
function openFolder(path: string): void {
  const { mode } = lstatSync(path);
  if ((mode & OWNER_WRITES) !== 0) return;
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    if (entry.isDirectory()) openFolder(join(path, entry.name));
  }
  chmodSync(path, mode | OWNER_WRITES);
}
