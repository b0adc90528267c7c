/** The files that a layer has and their sizes, as far as this machine has what they are read from. */
import { existsSync } from "node:fs";
import { basename } from "node:path";
import type { LayerContent } from "../layer/recipe.ts";
import { layerEntries } from "../layer/tree.ts";

/** With bytes. */
type NamedFiles = [name: string, size: number][];

/** Those of a store path, by their names in it. */
export function storeFiles(path: string, root: string): NamedFiles {
  if (!existsSync(root + path)) return [];
  const files = filesOf({ paths: [path], entries: [], permissions: [] }, root);
  return files.map(([name, size]) => [name.slice(path.length) || basename(path), size]);
}

/** Those outside the store, by their names without the slash in front. */
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
