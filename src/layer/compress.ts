/** Compresses a layer for a registry. */
import { once } from "node:events";
import { constants, createGzip, createZstdCompress } from "node:zlib";
import { ChunkedWriter, CHUNKED_VERSION } from "./chunked/writer.ts";
import type { Compression } from "./recipe.ts";

/** The levels that imgc uses if a spec gives none. Chunks need a higher level to be as small as gzip. */
const ZSTD_LEVEL = 3;
const CHUNKED_LEVEL = 6;

/** The compressor's name and version in this runtime. With the level, they determine the compressed bytes. */
export function compressorName({ algorithm, chunked }: Compression): string {
  if (algorithm === "none") return "none";
  if (algorithm === "gzip") return `zlib ${process.versions.zlib}`;
  return `zstd ${process.versions["zstd"] ?? "unknown"}${chunked === true ? `, chunked ${CHUNKED_VERSION}` : ""}`;
}

/** The index of a zstd:chunked blob: the annotations with which clients find its table of contents, and the table. */
export type ChunkIndex = ReturnType<ChunkedWriter["end"]>;

/**
 * Yields the compressed bytes. A chunk of `chunks` may be overwritten when the next one is requested. `onIndex` gets the
 * index of a zstd:chunked blob.
 */
export async function* compress(
  chunks: Iterable<Buffer> | AsyncIterable<Buffer>,
  compression: Compression,
  onIndex: (index: ChunkIndex) => void = () => {},
): AsyncGenerator<Buffer, void, undefined> {
  if (compression.algorithm === "none") {
    yield* chunks;
    return;
  }
  if (compression.chunked === true) {
    yield* compressChunked(chunks, compression.level ?? CHUNKED_LEVEL, onIndex);
    return;
  }
  const compressor = createCompressor(compression);
  const feed = async () => {
    for await (const chunk of chunks) {
      // The chunk's buffer is used again, so wait until the compressor has consumed it.
      await new Promise<void>((resolve, reject) => {
        compressor.write(chunk, (error) => (error ? reject(error) : resolve()));
      });
    }
    compressor.end();
    await once(compressor, "close");
  };
  const fed = feed().catch((error: unknown) => {
    compressor.destroy(error instanceof Error ? error : new Error(String(error)));
  });
  for await (const piece of compressor) yield piece as Buffer;
  await fed;
}

async function* compressChunked(
  chunks: Iterable<Buffer> | AsyncIterable<Buffer>,
  level: number,
  onIndex: (index: ChunkIndex) => void,
): AsyncGenerator<Buffer, void, undefined> {
  const frames: Buffer[] = [];
  const writer = new ChunkedWriter(level, (frame) => frames.push(frame));
  for await (const chunk of chunks) {
    writer.push(chunk);
    yield* frames.splice(0);
  }
  onIndex(writer.end());
  yield* frames;
}

/** Bytes in each output piece. Larger pieces need fewer turns of the thread pool; the compressed bytes are the same. */
const OUTPUT = 1 << 17;

function createCompressor({ algorithm, level }: Compression) {
  if (algorithm === "gzip") return createGzip({ chunkSize: OUTPUT, ...(level === null ? {} : { level }) });
  return createZstdCompress({
    chunkSize: OUTPUT,
    params: { [constants.ZSTD_c_compressionLevel]: level ?? ZSTD_LEVEL },
  });
}
