/** Whether a layer can be zstd:chunked: clients refuse some layers instead of pulling them as a whole. */
import { isUtf8 } from "node:buffer";
import type { Compression, LayerContent } from "../recipe.ts";
import { layerEntries, type Entry } from "../tree.ts";

/** Clients refuse a table of contents of more than 50 MiB; this is a limit of an estimate, which is at most half of the size. */
const MAX_TOC = 25 << 20;
/** Estimated bytes of an entry without its name, and of a chunk. */
const ENTRY = 200;
const CHUNK = 1 << 16;
/** The years that Go writes in JSON: 1 to 9999. */
const [FIRST_TIME, LAST_TIME] = [-62_135_596_800, 253_402_300_799];

/** The compression, without chunks if the layer cannot have them. */
export function fittingCompression(content: LayerContent, compression: Compression, root: string): Compression {
  if (compression.chunked !== true || canBeChunked(layerEntries(content, root))) return compression;
  const { chunked: _, ...plain } = compression;
  return plain;
}

function canBeChunked(entries: Iterable<Entry>): boolean {
  const names = new Set<string>();
  let estimate = 0;
  for (const { name, target, mtime, size } of entries) {
    const key = name.toString("latin1");
    const time = Number(mtime ?? 0);
    if (names.has(key) || !isUtf8(name) || (target !== undefined && !isUtf8(target))) return false;
    if (time < FIRST_TIME || time > LAST_TIME) return false;
    names.add(key);
    estimate += (ENTRY + name.length) * (1 + Math.floor(size / CHUNK));
    if (estimate > MAX_TOC) return false;
  }
  return true;
}
