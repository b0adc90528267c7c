/** The files of an image outside the store, made whole. */
import type { RootEntry } from "../layer/recipe.ts";

/** The last entry of each path, sorted by path. */
export function byPath(entries: RootEntry[]): RootEntry[] {
  const last = new Map(entries.map((entry) => [entry.path, entry]));
  return [...last.values()].toSorted((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path)));
}

/** The same with a plain folder for every parent that none names. */
export function withParents(entries: RootEntry[]): RootEntry[] {
  const named = new Set(entries.map((entry) => entry.path));
  const parents: RootEntry[] = [];
  for (const { path } of entries) {
    for (let parent = dirname(path); parent !== ""; parent = dirname(parent)) {
      if (named.has(parent)) continue;
      named.add(parent);
      parents.push({ kind: "directory", path: parent, mode: 0o755, uid: 0, gid: 0 });
    }
  }
  return byPath([...parents, ...entries]);
}

function dirname(path: string): string {
  return path.slice(0, path.lastIndexOf("/"));
}
