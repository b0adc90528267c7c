/** The size of a layer's tar stream, computed without reading files. */
import type { LayerContent } from "./recipe.ts";
import { encodeHeader, padding, TRAILER } from "./tar.ts";
import { layerEntries } from "./tree.ts";

/** In bytes, as `diffSize` of a recipe. Not for layers made elsewhere. Throws if a source is not on this machine. */
export function tarSize(content: LayerContent, root = ""): number {
  let sum = TRAILER.length;
  for (const entry of layerEntries(content, root)) {
    const size = entry.contents?.length ?? (entry.source === undefined ? 0 : entry.size);
    sum += encodeHeader(entry).length + size + padding(entry.size);
  }
  return sum;
}
