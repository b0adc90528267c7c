/** Removes files of the base for `remove`, and makes the whiteouts. */
import type { ContentFile } from "../../image/content-file.ts";
import type { RootEntry } from "../../layer/recipe.ts";
import type { Located } from "../build-error.ts";
import type { BaseFile } from "../base/contents.ts";
import type { Node, RootTree } from "./root-tree.ts";

export interface Removals {
  problems: Located[];
  /** Whether one of the bases removes a path of its own base. */
  isRemovedBelow: (path: string) => boolean;
  /** Whether this image removes a path. */
  isRemovedHere: (path: string) => boolean;
  /** The paths that this image removes. */
  paths: string[];
}

/** Removes files and folders from the base's tree. `others`: files of the base that its content file does not list. */
export function removePaths(
  tree: RootTree,
  base: ContentFile,
  others: BaseFile[],
  { paths, storeDir }: { paths: string[]; storeDir: string },
): Removals {
  const problems: Located[] = [];
  const isRemovedBelow = isAtOrBelow(base.removed ?? []);
  const names = others.map(({ path }) => path);
  const known = [...base.root.map((entry) => entry.path), ...names.filter((name) => !isRemovedBelow(name))];
  const removed = paths.flatMap((specPath) => {
    const path = tree.follow(specPath);
    const problem = (message: string) => void problems.push({ at: ["files", specPath, "remove"], message });
    const isInStore = `${path}/`.startsWith(`${storeDir}/`) || `${storeDir}/`.startsWith(`${path}/`);
    const wasRemoved = tree.remove(path) || known.some(isAtOrBelow([path]));
    if (isInStore) problem(`${specPath} contains packages of the base, which cannot be removed`);
    else if (!wasRemoved) problem(`the base has no file or folder at ${specPath} to remove`);
    return wasRemoved && !isInStore ? [path] : [];
  });
  return { problems, paths: outermost(removed), isRemovedHere: isAtOrBelow(removed), isRemovedBelow };
}

/** Drops the paths below other removed paths, since the whiteouts of these already hide them. */
function outermost(paths: string[]): string[] {
  const all = [...new Set(paths)];
  return all.filter((path) => !all.some((other) => path.startsWith(`${other}/`)));
}

/**
 * The whiteouts of the removed paths. A path where the image puts a file needs none: the file covers the base's. A folder
 * that the image puts there needs an opaque whiteout.
 */
export function whiteouts(tree: RootTree, paths: string[]): RootEntry[] {
  return paths.flatMap((path): RootEntry[] => {
    // A file at the path of a folder above already hides everything in that folder.
    if ([...foldersAbove([path])].some((folder) => !isFolder(tree.at(folder) ?? tree.root))) return [];
    const own = tree.at(path);
    if (own === undefined) return [{ kind: "remove", path, opaque: false }];
    return isFolder(own) ? [{ kind: "remove", path, opaque: true }] : [];
  });
}

/** Whether a node becomes a folder in the layer. A package's folder may become a link. */
function isFolder(node: Node): boolean {
  return node.kind === "folder" || (node.kind === "sealed" && node.item.kind === "copy");
}

/** Folders above paths. A layer must list folders that are not 0755 and root's, since podman creates missing ones that way. */
export function foldersAbove(paths: string[]): Set<string> {
  const above = new Set<string>();
  for (const path of paths) {
    for (let at = path.lastIndexOf("/"); at > 0; at = path.lastIndexOf("/", at - 1)) above.add(path.slice(0, at));
  }
  return above;
}

export function isAtOrBelow(folders: string[]): (path: string) => boolean {
  return (path) => folders.some((folder) => path === folder || path.startsWith(`${folder}/`));
}
