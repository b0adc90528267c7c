/** Reads the tables of a zstd:chunked blob as clients do (containers/storage, pkg/chunked). */
import { zstdDecompressSync } from "node:zlib";
import type { ChunkedParts, Part } from "./annotations.ts";
import { Toc, type TocEntry } from "./toc.ts";
import type { Blob } from "../recipe.ts";
import { parseJson } from "../../oci/json.ts";
import { readRegularPart } from "../../util/regular-file.ts";

/** Limit of a table's bytes without compression. Clients refuse larger tables. */
const MAX_TABLE = 150 << 20;

/** Reads a part of the layer's blob. Throws if the blob does not have these bytes. */
export type ReadPart = (offset: number, length: number) => Buffer;

export function blobReader(place: () => Blob): ReadPart {
  return (offset, length) => {
    const { file, offset: start, size } = place();
    if (offset + length > size) throw new Error(`byte ${offset + length} lies after the end of the layer`);
    return readRegularPart(file, start + offset, length);
  };
}

/** The table of contents of a layer, and the places of both tables in its blob. */
export interface ChunkTable {
  toc: Toc;
  parts: ChunkedParts;
}

/** An entry of the table of contents, with the chunks of its content. */
export interface ChunkedFile {
  entry: TocEntry;
  /** `end`: the offset in the blob after the last frame of the chunk. */
  chunks: { entry: TocEntry; end: number }[];
}

export function readTable(read: ReadPart, { offset, length, plainLength }: Part): { packed: Buffer; plain: Buffer } {
  const packed = read(offset, length);
  const plain = zstdDecompressSync(packed, { maxOutputLength: MAX_TABLE });
  if (plain.length !== plainLength) throw new Error(`it has ${plain.length} bytes, not ${plainLength}`);
  return { packed, plain };
}

export function parseToc(plain: Buffer): Toc {
  return parseJson(Toc, plain, "the table of contents");
}

/** The files of a table of contents at the offset `tocOffset` in its blob. */
export function chunkedFiles(entries: TocEntry[], tocOffset: number): ChunkedFile[] {
  const groups: TocEntry[][] = [];
  for (const entry of entries) {
    if (entry.type === "chunk" && groups.length > 0) groups.at(-1)?.push(entry);
    else groups.push([entry]);
  }
  // Some tools leave out the end of a file. The file then ends where the next one starts.
  let next = tocOffset;
  const files = groups.toReversed().map((group): ChunkedFile => {
    const [entry] = group as [TocEntry];
    const end = group.at(-1)?.endOffset ?? entry.endOffset ?? next;
    next = entry.offset ?? next;
    return { entry, chunks: group.map((chunk, i) => ({ entry: chunk, end: group[i + 1]?.offset ?? end })) };
  });
  return files.toReversed();
}
