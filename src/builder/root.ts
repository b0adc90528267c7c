/** Sorts entries of files outside the store. */
import type { RootEntry } from "../layer/recipe.ts";

/** The last entry of each path, sorted by path. */
export function byPath(entries: RootEntry[]): RootEntry[] {
  const last = new Map(entries.map((entry) => [entry.path, entry]));
  return [...last.values()].toSorted((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path)));
}
