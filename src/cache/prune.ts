/**
 * Takes out of a binary cache what builds no longer use: what was not used for `keep`, then the longest unused until it
 * fits into `maxSize`. What stays never refers to something that is gone, and what the last build used always stays.
 */
import type { Archived } from "./narinfo.ts";
import type { BinaryCache } from "./policy.ts";

/** Seconds since the epoch at which each path was last used, by hash. */
export type Uses = Map<string, number>;

/** What is used where `roots` are: they, and all they refer to. */
export function closureOf(archived: Map<string, Archived>, roots: Iterable<string>): Set<string> {
  const found = new Set<string>();
  const open = [...roots];
  for (let hash = open.pop(); hash !== undefined; hash = open.pop()) {
    if (found.has(hash) || !archived.has(hash)) continue;
    found.add(hash);
    open.push(...(archived.get(hash)?.references ?? []));
  }
  return found;
}

/** The uses after a build of `roots` at `now`. What was never seen counts as used now. */
export function noteUses(archived: Map<string, Archived>, uses: Uses, roots: Iterable<string>, now: number): Uses {
  const used = closureOf(archived, roots);
  return new Map([...archived.keys()].map((hash) => [hash, used.has(hash) ? now : (uses.get(hash) ?? now)]));
}

/** The hashes to take out. `pinned`: what the last build used. */
export function surplus(
  archived: Map<string, Archived>,
  uses: Uses,
  { keep, maxSize }: Pick<BinaryCache, "keep" | "maxSize">,
  pinned: Set<string>,
  now: number,
): Set<string> {
  const used = (hash: string) => (pinned.has(hash) ? now : (uses.get(hash) ?? now));
  // What stays anyway, then the newest, and each with all it refers to: whatever prefix of this is kept is closed.
  const kept = new Set<string>();
  const files = new Map<string, number>();
  let size = 0;
  const stays = (hash: string) => Number(pinned.has(hash));
  const newest = [...archived.keys()].toSorted((a, b) => stays(b) - stays(a) || used(b) - used(a) || (a < b ? -1 : 1));
  for (const hash of newest) {
    if (kept.has(hash)) continue;
    const added = [...closureOf(archived, [hash])].filter((each) => !kept.has(each));
    const more = added.reduce((sum, each) => sum + newBytes(archived.get(each), files), 0);
    const isTooOld = keep !== null && now - used(hash) > keep;
    const isTooMuch = maxSize !== null && size + more > maxSize;
    if (!pinned.has(hash) && (isTooOld || isTooMuch)) continue;
    size += more;
    for (const each of added) {
      kept.add(each);
      const { file, size: bytes } = archived.get(each) as Archived;
      files.set(file, bytes);
    }
  }
  return new Set([...archived.keys()].filter((hash) => !kept.has(hash)));
}

/** Paths of the same content share an archive. */
function newBytes(path: Archived | undefined, files: Map<string, number>): number {
  return path === undefined || files.has(path.file) ? 0 : path.size;
}
