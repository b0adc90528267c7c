/** The files of an image outside the store, made whole. */
import type { RootEntry } from "../layer/recipe.ts";

/** The entries sorted by path, the last one of a path kept, with a plain folder for every parent that none names. */
export function withParents(entries: RootEntry[]): RootEntry[] {
  const byPath = new Map(entries.map((entry) => [entry.path, entry]));
  for (const { path } of entries) {
    for (let parent = dirname(path); parent !== ""; parent = dirname(parent)) {
      if (byPath.has(parent)) continue;
      byPath.set(parent, { kind: "directory", path: parent, mode: 0o755, uid: 0, gid: 0 });
    }
  }
  return [...byPath.values()].toSorted((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path)));
}

function dirname(path: string): string {
  return path.slice(0, path.lastIndexOf("/"));
}
