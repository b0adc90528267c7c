/**
 * Chooses the store paths to delete from a binary cache: paths unused for longer than `keep`, then the least recently
 * used until the rest fits into `maxSize`. The remaining paths are closed under references, and include all paths of
 * the last build.
 */
import type { Archived } from "./narinfo.ts";
import type { BinaryCache } from "./policy.ts";

/** The last use of each path in seconds since the epoch, by hash part. */
export type Uses = Map<string, number>;

/** The closure of `roots` within the cache. */
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

/** The uses after a build of `roots` at `now`. Unrecorded paths count as used now. */
export function noteUses(archived: Map<string, Archived>, uses: Uses, roots: Iterable<string>, now: number): Uses {
  const used = closureOf(archived, roots);
  return new Map([...archived.keys()].map((hash) => [hash, used.has(hash) ? now : (uses.get(hash) ?? now)]));
}

/** The hash parts to delete. `pinned`: paths of the last build. */
export function surplus(
  archived: Map<string, Archived>,
  uses: Uses,
  { keep, maxSize }: Pick<BinaryCache, "keep" | "maxSize">,
  pinned: Set<string>,
  now: number,
): Set<string> {
  const used = (hash: string) => (pinned.has(hash) ? now : (uses.get(hash) ?? now));
  // Keep pinned paths first, then the most recently used. Keep each path with its closure, so that no kept path refers
  // to a deleted one.
  const kept = new Set<string>();
  const files = new Map<string, number>();
  let size = 0;
  const pinRank = (hash: string) => Number(pinned.has(hash));
  const newest = [...archived.keys()].toSorted(
    (a, b) => pinRank(b) - pinRank(a) || used(b) - used(a) || (a < b ? -1 : 1),
  );
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

/** The bytes that keeping a path adds. Paths with the same content share an archive. */
function newBytes(path: Archived | undefined, files: Map<string, number>): number {
  return path === undefined || files.has(path.file) ? 0 : path.size;
}
