/** The compressed form of a layer, as a registry holds it. */
import { once } from "node:events";
import { constants, createGzip, createZstdCompress } from "node:zlib";
import type { Compression } from "./recipe.ts";

/** The compressor that this runtime has, by name and version: with the level it decides the bytes. */
export function compressorName({ algorithm }: Compression): string {
  if (algorithm === "none") return "none";
  return algorithm === "gzip" ? `zlib ${process.versions.zlib}` : `zstd ${process.versions["zstd"] ?? "unknown"}`;
}

/** Yields the compressed bytes. A chunk taken from `chunks` may be overwritten once the next is asked for. */
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
      // The chunk is used again after this, so wait until the compressor has taken all of it.
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

/** Bytes that the compressor hands on at once: a turn of the thread pool each. It does not change what they are. */
const OUTPUT = 1 << 17;

function createCompressor({ algorithm, level }: Compression) {
  if (algorithm === "gzip") return createGzip({ chunkSize: OUTPUT, ...(level === null ? {} : { level }) });
  return createZstdCompress({ chunkSize: OUTPUT, params: { [constants.ZSTD_c_compressionLevel]: level ?? 3 } });
}
