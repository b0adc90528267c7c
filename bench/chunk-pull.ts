/** The bytes of zstd:chunked layers that clients pull after an update. */
import { chunkedPull, type ChunkedPull } from "../src/diff/chunks.ts";
import type { AnyLayer } from "../src/image/any-image.ts";
import { recipeChunks } from "../src/image/chunk-source.ts";
import { plainBytes } from "../src/layer/bytes.ts";
import type { Compression, Layer } from "../src/layer/recipe.ts";

export const ZSTD: Compression = { algorithm: "zstd", level: 3 };
export const CHUNKED: Compression = { algorithm: "zstd", level: 6, chunked: true };

/** The bytes that a client with the layer `before` pulls for the layer `after`. `root`: the folder of the store. */
export async function pullAfter(before: Layer, after: Layer, root = ""): Promise<ChunkedPull> {
  const anyLayer = (layer: Layer): AnyLayer => {
    const { name, digest, size, diffId, content, compression } = layer;
    const chunks = recipeChunks(layer, root);
    const stream = () => plainBytes(content, compression, root);
    return { name, digest, size, diffId, stream, ...(chunks && { chunks }) };
  };
  const options = { signal: undefined, onStep: () => {} };
  // A layer that cannot have chunks counts as a whole.
  const whole = { chunks: after.size, files: after.size };
  return (await chunkedPull([anyLayer(before)], [anyLayer(after)], options)) ?? whole;
}
