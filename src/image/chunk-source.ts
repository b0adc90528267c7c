/** Finds the chunks of zstd:chunked layers: reads the table of contents of a blob, or makes the table of a recipe. */
import { parseChunkedAnnotations } from "../layer/chunked/annotations.ts";
import { blobReader, parseToc, readTable, type ChunkTable } from "../layer/chunked/read-toc.ts";
import { compress, type ChunkIndex } from "../layer/compress.ts";
import type { Blob, Compression, Layer } from "../layer/recipe.ts";
import { layerChunks } from "../layer/stream.ts";
import { sha256 } from "../oci/digest.ts";
import { interruptible } from "../util/interruptible.ts";

export interface ChunkSource {
  /** Whether the table must be made, which takes as long as writing the layer. */
  isMade: boolean;
  table(signal?: AbortSignal): Promise<ChunkTable>;
  /** The digests of all files and chunks. */
  digests(signal?: AbortSignal): Promise<Set<string>>;
}

/** The chunks of a blob with these annotations; undefined without a table of contents. */
export function blobChunks(
  annotations: Record<string, string> | undefined,
  place: () => Blob,
): ChunkSource | undefined {
  const parts = parseChunkedAnnotations(annotations ?? {});
  if (parts === undefined) return undefined;
  const table = () => {
    const { packed, plain } = readTable(blobReader(place), parts.toc);
    const digest = sha256(packed);
    if (digest !== parts.tocDigest)
      throw new Error(`its table of contents has the digest ${digest}, not ${parts.tocDigest}`);
    return { toc: parseToc(plain), parts };
  };
  return {
    isMade: false,
    table: () => Promise.resolve().then(table),
    digests: () => Promise.resolve().then(() => digestsOf(table())),
  };
}

export function recipeChunks(layer: Layer, root: string): ChunkSource | undefined {
  const { content, compression, annotations } = layer;
  const { blob } = content;
  if (blob !== undefined) return blobChunks(annotations, () => ({ ...blob, file: root + blob.file }));
  if (compression.chunked !== true) return undefined;
  const make = async (by: Compression, signal?: AbortSignal): Promise<ChunkTable> => {
    let index: ChunkIndex | undefined;
    const pieces = compress(interruptible(layerChunks(content, root), signal), by, (made) => (index = made));
    while ((await pieces.next()).done !== true);
    const parts = parseChunkedAnnotations(index?.annotations ?? {});
    if (index === undefined || parts === undefined) throw new Error("the compressor made no table of contents");
    return { toc: index.toc, parts };
  };
  return {
    isMade: true,
    table: async (signal) => await make(compression, signal),
    // The digests do not depend on the level, and the lowest level is fastest.
    digests: async (signal) => digestsOf(await make({ ...compression, level: 1 }, signal)),
  };
}

function digestsOf({ toc }: ChunkTable): Set<string> {
  const digests = toc.entries.flatMap(({ digest, chunkDigest }) => [digest, chunkDigest]);
  return new Set(digests.filter((digest) => digest !== undefined));
}
