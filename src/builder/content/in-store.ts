/** Finds links that lead out of the store: on the building machine, their targets are not the image's files. */
import { lstatSync, readlinkSync } from "node:fs";
import { dirname } from "node:path";

/** Linux follows at most 40 links. */
const MAX_LINKS = 40;

/**
 * The target outside the store to which the links of a path in the store lead; undefined if they stay in the store, form a loop
 * or dangle.
 */
export function targetOutside(path: string, storeDir: string): string | undefined {
  if (!isWithin(path, storeDir)) return undefined;
  const left = path.slice(storeDir.length).split("/").toReversed();
  let at = storeDir;
  let links = 0;
  while (left.length > 0) {
    const part = left.pop() as string;
    if (part === "" || part === ".") continue;
    const next = part === ".." ? dirname(at) : `${at}/${part}`;
    if (!isWithin(next, storeDir)) return [next, ...left.toReversed()].join("/");
    if (part !== ".." && lstatSync(next, { throwIfNoEntry: false })?.isSymbolicLink() === true) {
      const target = readlinkSync(next);
      if (++links > MAX_LINKS) return undefined;
      const isInStore = isWithin(target, storeDir);
      if (target.startsWith("/") && !isInStore) return [target, ...left.toReversed()].join("/");
      if (isInStore) at = storeDir;
      left.push(...(isInStore ? target.slice(storeDir.length) : target).split("/").toReversed());
    } else at = next;
  }
  return undefined;
}

function isWithin(path: string, folder: string): boolean {
  return `${path}/`.startsWith(`${folder}/`);
}
