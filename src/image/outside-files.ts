/** The files of a layer that lie outside the store, as far as this machine has what they are copied from. */
import { existsSync } from "node:fs";
import type { LayerContent } from "../layer/recipe.ts";
import { layerEntries } from "../layer/tree.ts";

/** Names without the slash in front, and bytes. */
export function outsideFiles(content: LayerContent, root: string): [name: string, size: number][] {
  const isHere = (entry: LayerContent["entries"][number]) => entry.kind !== "copy" || existsSync(root + entry.source);
  const entries = layerEntries({ ...content, paths: [], entries: content.entries.filter(isHere) }, root);
  return [...entries].flatMap(({ kind, name, size }) => (kind === "file" ? [[name.toString(), size]] : []));
}
