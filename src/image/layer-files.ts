/** Lists the files of a layer with their sizes, as far as their sources are on this machine. */
import { existsSync } from "node:fs";
import { basename } from "node:path";
import type { LayerContent } from "../layer/recipe.ts";
import { layerEntries } from "../layer/tree.ts";

/** Names with sizes in bytes. */
type NamedFiles = [name: string, size: number][];

/** The files of a store path, by their paths in it. */
export function storeFiles(path: string, root: string): NamedFiles {
  if (!existsSync(root + path)) return [];
  const files = filesOf({ paths: [path], entries: [], permissions: [] }, root);
  return files.map(([name, size]) => [name.slice(path.length) || basename(path), size]);
}

/** The files outside the store, by their paths without the slash at the start. */
export function outsideFiles(content: LayerContent, root: string): NamedFiles {
  const isHere = (entry: LayerContent["entries"][number]) => entry.kind !== "copy" || existsSync(root + entry.source);
  return filesOf({ ...content, paths: [], entries: content.entries.filter(isHere) }, root);
}

function filesOf(content: LayerContent, root: string): NamedFiles {
  const files: NamedFiles = [];
  for (const { kind, name, size } of layerEntries(content, root)) {
    if (kind === "file") files.push([name.toString(), size]);
  }
  return files;
}
