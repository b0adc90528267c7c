/** Writes a stream to a file. */
import { createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";

type Pieces = Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

/**
 * Writes all pieces to the file at `path`. When the promise settles, the file is closed, also after a failure or an abort,
 * so the caller can delete it. `pipeline` alone settles earlier, while the file may still be about to be created.
 */
export async function writeToFile(pieces: Pieces, path: string, signal?: AbortSignal): Promise<void> {
  const file = createWriteStream(path);
  const closed = new Promise<void>((resolve) => file.once("close", resolve));
  try {
    await pipeline(pieces, file, { signal });
  } finally {
    await closed;
  }
}
