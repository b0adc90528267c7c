/** Makes a layer's uncompressed bytes: a tar stream that is a pure function of the layer's content. */
import { closeSync, readSync } from "node:fs";
import { openFound } from "../util/regular-file.ts";
import type { LayerContent } from "./recipe.ts";
import { encodeHeader, padding, TRAILER } from "./tar.ts";
import { layerEntries, type Entry } from "./tree.ts";

/** Bytes in each chunk except the last one. Fixed, since a compressor's output may depend on its input pieces. */
const CHUNK = 1 << 20;

/** Buffers of finished streams. Later streams use them again, so that an image of many layers does not fill the memory. */
const unused: Buffer[] = [];

/** The tar stream in chunks. Each chunk is valid only until the next one is requested: the buffer is used again. */
export function layerChunks(content: LayerContent, root = ""): Generator<Buffer> {
  return tarChunks(layerEntries(content, root));
}

/** The tar stream of these entries, in the same chunks as `layerChunks`. */
export function* tarChunks(entries: Iterable<Entry>): Generator<Buffer> {
  const chunk = unused.pop() ?? Buffer.allocUnsafe(CHUNK);
  try {
    yield* fill(chunk, entries);
  } finally {
    unused.push(chunk);
  }
}

function* fill(chunk: Buffer, entries: Iterable<Entry>): Generator<Buffer> {
  let used = 0;

  function* append(bytes: Buffer): Generator<Buffer> {
    for (let at = 0; at < bytes.length;) {
      const copied = bytes.copy(chunk, used, at);
      at += copied;
      used += copied;
      if (used === CHUNK) {
        yield chunk;
        used = 0;
      }
    }
  }

  for (const entry of entries) {
    yield* append(encodeHeader(entry));
    if (entry.contents) yield* append(entry.contents);
    if (entry.source) {
      const fd = openFound(entry.source);
      try {
        // Reading into the chunk avoids a copy, and one call of the hash then covers many small files.
        for (let left = entry.size; left > 0;) {
          const read = readSync(fd, chunk, used, Math.min(left, CHUNK - used), null);
          if (read === 0) throw new Error(`${entry.source.toString()} became shorter while it was read`);
          left -= read;
          used += read;
          if (used === CHUNK) {
            yield chunk;
            used = 0;
          }
        }
      } finally {
        closeSync(fd);
      }
    }
    yield* append(TRAILER.subarray(0, padding(entry.size)));
  }
  yield* append(TRAILER);
  if (used > 0) yield chunk.subarray(0, used);
}
