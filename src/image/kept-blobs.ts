/** Reads layers from the compressed bytes that their build kept (`cache { blobs }`). */
import { lstatSync } from "node:fs";
import { keptLayer, sources } from "../layer/sources.ts";
import type { ImageDirectory } from "./image-directory.ts";

/**
 * The image. If compressed bytes of a layer are kept, the layer is read from them, like a layer of a foreign base. A layer without kept bytes stays as it is,
 * and so does a layer whose kept bytes were deleted, if its bytes can be made on this machine.
 */
export function withKeptBlobs(image: ImageDirectory): ImageDirectory {
  const isHere = (path: string) => lstatSync(image.root + path, { throwIfNoEntry: false }) !== undefined;
  const layers = image.layers.map((layer) => {
    const kept = keptLayer(layer);
    const isKept = kept !== undefined && (sources(kept.content).every(isHere) || !sources(layer.content).every(isHere));
    return isKept ? kept : layer;
  });
  return { ...image, layers };
}
