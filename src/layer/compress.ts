/** Compresses a layer for a registry. */
import { once } from "node:events";
import { constants, createGzip, createZstdCompress } from "node:zlib";
import type { Compression } from "./recipe.ts";

/** The compressor's name and version in this runtime. With the level, they determine the compressed bytes. */
export function compressorName({ algorithm }: Compression): string {
  if (algorithm === "none") return "none";
  return algorithm === "gzip" ? `zlib ${process.versions.zlib}` : `zstd ${process.versions["zstd"] ?? "unknown"}`;
}

/** Yields the compressed bytes. A chunk of `chunks` may be overwritten when the next one is requested. */
export async function* compress(
  chunks: Iterable<Buffer>,
  compression: Compression,
): AsyncGenerator<Buffer, void, undefined> {
  if (compression.algorithm === "none") {
    yield* chunks;
    return;
  }
  const compressor = createCompressor(compression);
  const feed = async () => {
    for (const chunk of chunks) {
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

/** Bytes in each output piece. Larger pieces need fewer turns of the thread pool; the compressed bytes are the same. */
const OUTPUT = 1 << 17;

function createCompressor({ algorithm, level }: Compression) {
  if (algorithm === "gzip") return createGzip({ chunkSize: OUTPUT, ...(level === null ? {} : { level }) });
  return createZstdCompress({ chunkSize: OUTPUT, params: { [constants.ZSTD_c_compressionLevel]: level ?? 3 } });
}
