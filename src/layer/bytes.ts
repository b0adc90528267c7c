/** A layer's bytes, made from its content or, where it was made elsewhere, read from the file that has them. */
import { Readable } from "node:stream";
import { compress, compressorName } from "./compress.ts";
import { decompress } from "./decompress.ts";
import type { Blob, Compression, Layer, LayerContent } from "./recipe.ts";
import { layerChunks } from "./stream.ts";
import { streamRegular } from "../util/regular-file.ts";

/** What a registry holds. Each piece is valid only until the next is asked for. */
export function packedBytes(content: LayerContent, compression: Compression, root = ""): AsyncIterable<Buffer> {
  if (content.blob !== undefined) return blobBytes(content.blob, root);
  return compress(layerChunks(content, root), compression);
}

/** The tar stream; pieces as `packedBytes` has them. */
export function plainBytes(
  content: LayerContent,
  compression: Compression,
  root = "",
): AsyncIterable<Buffer> | Iterable<Buffer> {
  return content.blob === undefined ? layerChunks(content, root) : unpack(blobBytes(content.blob, root), compression);
}

/** Whether this runtime gives the same compressed bytes: another version of a compressor may not. */
export function isExact({ content, compression, compressor }: Layer): boolean {
  return content.blob !== undefined || compressor === compressorName(compression);
}

export function blobBytes({ file, offset, size }: Blob, root: string): Readable {
  return streamRegular(root + file, { offset, size });
}

/** The stream that a compressed one holds; what is wrong with either is thrown to whoever reads it. */
export function unpack(packed: Readable, { algorithm }: Pick<Compression, "algorithm">): Readable {
  if (algorithm === "none") return packed;
  return Readable.from(decompress(packed as AsyncIterable<Buffer>, algorithm), { objectMode: false });
}
