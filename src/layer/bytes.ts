/** A layer's bytes: made from its content or, for a layer made elsewhere, read from a file. */
import { Readable } from "node:stream";
import { compress, compressorName } from "./compress.ts";
import { decompress } from "./decompress.ts";
import type { Blob, Compression, Layer, LayerContent } from "./recipe.ts";
import { layerChunks } from "./stream.ts";
import { streamRegular } from "../util/regular-file.ts";

/** The layer's bytes in a registry. Each piece is valid only until the next one is requested. */
export function packedBytes(content: LayerContent, compression: Compression, root = ""): AsyncIterable<Buffer> {
  if (content.blob !== undefined) return blobBytes(content.blob, root);
  return compress(layerChunks(content, root), compression);
}

/** The tar stream. Each piece is valid only until the next one is requested. */
export function plainBytes(
  content: LayerContent,
  compression: Compression,
  root = "",
): AsyncIterable<Buffer> | Iterable<Buffer> {
  return content.blob === undefined ? layerChunks(content, root) : unpack(blobBytes(content.blob, root), compression);
}

/** Whether this runtime makes the layer's compressed bytes: another version of the compressor may make other bytes. */
export function isExact({ content, compression, compressor }: Layer): boolean {
  return content.blob !== undefined || compressor === compressorName(compression);
}

export function blobBytes({ file, offset, size }: Blob, root: string): Readable {
  return streamRegular(root + file, { offset, size });
}

/** The decompressed stream. Errors of both streams are thrown to its reader. */
export function unpack(packed: Readable, { algorithm }: Pick<Compression, "algorithm">): Readable {
  if (algorithm === "none") return packed;
  return Readable.from(decompress(packed as AsyncIterable<Buffer>, algorithm), { objectMode: false });
}
