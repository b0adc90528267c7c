/** Nix takes the right to write from every folder of a store; whoever deletes or archives a cache folder needs it. */
import { chmodSync, existsSync, lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";

const OWNER_WRITES = 0o200;

/** Lets the owner write to all folders of the chroot store at `root`; files need no more to be deleted. */
export function makeDeletable(root: string): void {
  const store = join(root, "nix/store");
  if (!existsSync(store)) return;
  for (const name of readdirSync(store)) {
    const path = join(store, name);
    // A path whose top can be written to was done before.
    if (name !== ".links" && lstatSync(path).isDirectory()) openFolder(path);
  }
}

/** From the bottom up, so that one that is done is done with all below it. */
function openFolder(path: string): void {
  const { mode } = lstatSync(path);
  if ((mode & OWNER_WRITES) !== 0) return;
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    if (entry.isDirectory()) openFolder(join(path, entry.name));
  }
  chmodSync(path, mode | OWNER_WRITES);
}
