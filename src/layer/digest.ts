/** Computes both digests of a layer, reading its bytes once. */
import { createHash } from "node:crypto";
import { digestBlob } from "./blob.ts";
import { fittingCompression } from "./chunked/fitting.ts";
import { compress, compressorName, type ChunkIndex } from "./compress.ts";
import { LAYER_VERSION } from "./layer-version.ts";
import type { Compression, Layer, LayerContent } from "./recipe.ts";
import { layerChunks } from "./stream.ts";
import { specialEntries } from "./tree.ts";
import { digestOf } from "../oci/digest.ts";

/**
 * The recipe of a layer: its content with the digests and sizes of its tar stream and of its compressed form. A layer that
 * cannot be zstd:chunked is compressed with plain zstd. `onChunk` gets the tar stream, `onPacked` the compressed form; each
 * piece is valid only during the call.
 */
export async function digestLayer(
  name: string,
  content: LayerContent,
  wanted: Compression,
  root = "",
  onChunk: (chunk: Buffer) => void = () => {},
  onPacked: (piece: Buffer) => void = () => {},
): Promise<Layer> {
  const { blob } = content;
  if (blob !== undefined) return digestBlob(name, { ...content, blob }, wanted, { root, onChunk });
  const compression = fittingCompression(content, wanted, root);
  const diff = createHash("sha256");
  let diffSize = 0;
  function* counted(): Generator<Buffer> {
    for (const chunk of layerChunks(content, root)) {
      diff.update(chunk);
      diffSize += chunk.length;
      onChunk(chunk);
      yield chunk;
    }
  }

  const compressed = compression.algorithm === "none" ? undefined : createHash("sha256");
  let size = 0;
  let annotations: Layer["annotations"];
  const onIndex = (index: ChunkIndex) => ({ annotations } = index);
  for await (const piece of compress(counted(), compression, onIndex)) {
    compressed?.update(piece);
    onPacked(piece);
    size += piece.length;
  }
  const diffId = digestOf(diff);
  const digest = compressed === undefined ? diffId : digestOf(compressed);
  const compressor = compressorName(compression);
  const special = specialEntries(content, root);
  const packed = { compression, compressor, digest, size, ...(annotations === undefined ? {} : { annotations }) };
  return { version: LAYER_VERSION, name, content, special, diffId, diffSize, ...packed };
}
