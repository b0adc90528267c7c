/** Where paths of an image lead when its base has links on the way: what is put below a link must not hide it. */
import type { RootEntry } from "../layer/recipe.ts";

/** As many links as Linux follows. */
const MAX_LINKS = 40;

/** What resolves a path of the image to where a runtime would find it. `last`: also where the path itself is a link. */
export type Follow = (path: string, last?: boolean) => string;

/** Follows the links among `entries` but for those into `store`: folders of packages are put together anew. */
export function follower(entries: RootEntry[], store: string): Follow {
  const links = new Map<string, string>();
  for (const entry of entries) {
    if (entry.kind === "link" && !entry.target.startsWith(`${store}/`)) links.set(entry.path, entry.target);
  }
  if (links.size === 0) return (path) => path;
  return (path, last = false) => {
    const left = path.split("/").toReversed();
    let at: string[] = [];
    let followed = 0;
    while (left.length > 0) {
      const part = left.pop() as string;
      if (part === "" || part === ".") continue;
      if (part === "..") {
        at.pop();
        continue;
      }
      const here = `/${[...at, part].join("/")}`;
      const target = left.length > 0 || last ? links.get(here) : undefined;
      if (target === undefined) at.push(part);
      else if (++followed > MAX_LINKS) return path;
      else {
        if (target.startsWith("/")) at = [];
        left.push(...target.split("/").toReversed());
      }
    }
    return `/${at.join("/")}`;
  };
}
