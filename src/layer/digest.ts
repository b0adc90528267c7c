/** Computes both digests of a layer, reading its bytes once. */
import { createHash } from "node:crypto";
import { digestBlob } from "./blob.ts";
import { fittingCompression } from "./chunked/fitting.ts";
import { compress, compressorName, type ChunkIndex } from "./compress.ts";
import { LAYER_VERSION } from "./layer-version.ts";
import type { Compression, Layer, LayerContent } from "./recipe.ts";
import { layerChunks } from "./stream.ts";
import { tee } from "./tee.ts";
import { specialEntries } from "./tree.ts";
import { digestOf } from "../oci/digest.ts";
import { interruptible } from "../util/interruptible.ts";

/** Gets the pieces of a stream; each piece is valid only during the call. */
type OnPiece = (piece: Buffer) => void;

/**
 * The recipe of a layer: its content with the digests and sizes of its tar stream and of its compressed form. A layer that
 * cannot be zstd:chunked is compressed with plain zstd. `onChunk` gets the tar stream, `onPacked` the compressed form.
 */
export async function digestLayer(
  name: string,
  content: LayerContent,
  wanted: Compression,
  root = "",
  onChunk: OnPiece = () => {},
  onPacked: OnPiece = () => {},
): Promise<Layer> {
  const { blob } = content;
  if (blob !== undefined) return digestBlob(name, { ...content, blob }, wanted, { root, onChunk });
  const [layer] = await digestForms(name, content, [wanted], { root, onChunk, onPacked: [onPacked] });
  return layer as Layer;
}

interface FormsOptions {
  root?: string;
  onChunk: OnPiece;
  /** A function for each form. */
  onPacked: readonly OnPiece[];
}

/** The recipes of a layer's forms, which differ in their compression. The content is read and hashed once for all forms. */
export async function digestForms(
  name: string,
  content: LayerContent,
  forms: readonly Compression[],
  { root = "", onChunk, onPacked }: FormsOptions,
): Promise<Layer[]> {
  const diff = createHash("sha256");
  let diffSize = 0;
  function* counted(): Generator<Buffer, void, undefined> {
    for (const chunk of layerChunks(content, root)) {
      diff.update(chunk);
      diffSize += chunk.length;
      onChunk(chunk);
      yield chunk;
    }
  }
  const streams = tee(counted(), forms.length);
  const packing = streams.map(async (chunks, i) => {
    try {
      const compression = fittingCompression(content, forms[i] as Compression, root);
      return await pack(chunks, compression, onPacked[i] as OnPiece);
    } finally {
      await chunks.return();
    }
  });
  // If one form fails, the others still call `onPacked`: the caller must not close its files before they end.
  await Promise.allSettled(packing);
  const packed = await Promise.all(packing);
  const diffId = digestOf(diff);
  const special = specialEntries(content, root);
  return packed.map(({ digest = diffId, ...rest }) => ({
    version: LAYER_VERSION,
    name,
    content,
    special,
    diffId,
    diffSize,
    ...rest,
    digest,
  }));
}

/** The facts about the compressed form. Without compression, the digest is undefined, since it is the diff ID. */
async function pack(
  chunks: Iterable<Buffer> | AsyncIterable<Buffer>,
  compression: Compression,
  onPacked: OnPiece,
): Promise<Pick<Layer, "compression" | "compressor" | "size" | "annotations"> & { digest: string | undefined }> {
  const hash = compression.algorithm === "none" ? undefined : createHash("sha256");
  let size = 0;
  let annotations: Layer["annotations"];
  const onIndex = (index: ChunkIndex) => ({ annotations } = index);
  for await (const piece of interruptible(compress(chunks, compression, onIndex))) {
    hash?.update(piece);
    onPacked(piece);
    size += piece.length;
  }
  const compressor = compressorName(compression);
  const digest = hash === undefined ? undefined : digestOf(hash);
  return { compression, compressor, digest, size, ...(annotations === undefined ? {} : { annotations }) };
}
