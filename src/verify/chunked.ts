/** Checks a zstd:chunked layer: the table of contents and the tar-split, from which clients make files, against the tar stream. */
import { createHash } from "node:crypto";
import { zstdDecompressSync } from "node:zlib";
import * as z from "zod/mini";
import { parseChunkedAnnotations, TOC_DIGEST, type ChunkedParts } from "../layer/chunked/annotations.ts";
import { chunkedFiles, parseToc, readTable, type ChunkedFile, type ReadPart } from "../layer/chunked/read-toc.ts";
import type { TocEntry } from "../layer/chunked/toc.ts";
import { ChunkedWriter } from "../layer/chunked/writer.ts";
import { sha256 } from "../oci/digest.ts";
import { messageOf } from "../util/errors.ts";
import type { Findings } from "./findings.ts";

/** Limit of the bytes after a chunk in its frame. */
const MAX_RIDERS = 64 << 20;

const TarSplitEntry = z.looseObject({
  type: z.union([z.literal(1), z.literal(2)]),
  name: z.optional(z.string()),
  size: z.optional(z.number()),
  payload: z.nullable(z.string()),
});

export class ChunkedCheck {
  readonly #findings: Findings;
  readonly #label: string;
  readonly #parts: ChunkedParts;
  readonly #read: ReadPart;
  /** Makes the tables that belong to the tar stream; the frames are not needed. */
  readonly #writer = new ChunkedWriter(1, () => {});

  constructor(findings: Findings, label: string, parts: ChunkedParts, read: ReadPart) {
    this.#findings = findings;
    this.#label = label;
    this.#parts = parts;
    this.#read = read;
  }

  /** Adds a piece of the tar stream. */
  push(piece: Buffer): void {
    this.#writer.push(piece);
  }

  /** Compares the tables of the blob with the stream, which must be complete. */
  end(): void {
    const made = this.#writer.end();
    try {
      const { tocDigest, toc: tocPart, tarSplit: tarSplitPart } = this.#parts;
      const table = readTable(this.#read, tocPart);
      this.#findings.same(`${this.#label}, digest of the table of contents`, tocDigest, sha256(table.packed));
      const toc = parseToc(table.plain);
      const tarSplit = readTable(this.#read, tarSplitPart);
      const label = `${this.#label}, digest of the tar-split in the table of contents`;
      this.#findings.same(label, toc.tarSplitDigest, sha256(tarSplit.packed));
      if (outline(tarSplit.plain) !== outline(made.tarSplit)) this.#add("the tar-split differs from the tar stream");
      this.#compare(chunkedFiles(toc.entries, tocPart.offset), chunkedFiles(made.toc.entries, 0));
    } catch (error) {
      this.#add(`the table of contents or the tar-split cannot be read: ${messageOf(error)}`);
    }
  }

  #add(finding: string): void {
    this.#findings.add(`${this.#label}: ${finding}`);
  }

  #compare(listed: ChunkedFile[], made: ChunkedFile[]): void {
    this.#findings.same(`${this.#label}, entries in the table of contents`, listed.length, made.length);
    for (const [i, { entry: computed }] of made.entries()) {
      const file = listed[i];
      if (file === undefined) return;
      const attributes = [file.entry, computed].map(attributesOf);
      if (attributes[0] !== attributes[1])
        this.#add(`the table of contents says ${attributes[0]}, the tar stream ${attributes[1]}`);
      else if ((computed.size ?? 0) > 0) this.#chunks(file);
    }
  }

  /** Reads each chunk of a file from its own frame, as clients do. */
  #chunks({ entry: file, chunks }: ChunkedFile): void {
    const { name } = file;
    const hash = createHash("sha256");
    let size = 0;
    for (const { entry: chunk, end } of chunks) {
      const { offset = 0, chunkOffset = 0, chunkSize = file.size ?? 0, chunkDigest } = chunk;
      if (chunkOffset !== size) return this.#add(`the chunks of ${name} have a gap or an overlap at byte ${size}`);
      const frame = this.#read(offset, Math.max(0, end - offset));
      const bytes = zstdDecompressSync(frame, { maxOutputLength: chunkSize + MAX_RIDERS }).subarray(0, chunkSize);
      if (chunkDigest !== undefined && sha256(bytes) !== chunkDigest)
        return this.#add(`a chunk of ${name} has the digest ${sha256(bytes)}, not ${chunkDigest}`);
      hash.update(bytes);
      size += bytes.length;
    }
    const digest = `sha256:${hash.digest("hex")}`;
    if (size !== file.size || digest !== file.digest)
      this.#add(`the chunks of ${name} have the digest ${digest}, not ${file.digest}`);
  }
}

/** The check of a layer with these annotations; undefined without annotations of zstd:chunked. */
export function chunkedCheck(
  findings: Findings,
  label: string,
  annotations: Record<string, string>,
  read: ReadPart,
): ChunkedCheck | undefined {
  if (annotations[TOC_DIGEST] === undefined) return undefined;
  const parts = parseChunkedAnnotations(annotations);
  // Layers of older tools have no tar-split. Clients pull such layers as a whole.
  return parts === undefined ? undefined : new ChunkedCheck(findings, label, parts, read);
}

/** The attributes of an entry and the digest of its content, as text. */
function attributesOf(entry: TocEntry): string {
  const { type, linkName = "", mode = 0, size = 0, uid = 0, gid = 0, devMajor = 0, devMinor = 0, digest = "" } = entry;
  const time = entry.modtime === undefined ? 0 : Date.parse(entry.modtime);
  const xattrs = Object.entries(entry.xattrs ?? {}).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const name = entry.name.replace(/\/+$/, "");
  const values = { type, name, linkName, mode, size, uid, gid, time, devMajor, devMinor, xattrs, digest };
  return JSON.stringify(values);
}

/** The bytes of headers and padding, and the files between them, as text. Segments without a file between them count as one. */
function outline(tarSplit: Buffer): string {
  const hash = createHash("sha256");
  let length = 0;
  const lines: string[] = [];
  for (const line of tarSplit.toString().split("\n")) {
    if (line === "") continue;
    const { type, name = "", size = 0, payload } = TarSplitEntry.parse(JSON.parse(line));
    if (type === 1) {
      lines.push(JSON.stringify([length, name, size, payload ?? ""]));
      continue;
    }
    const bytes = Buffer.from(payload ?? "", "base64");
    hash.update(bytes);
    length += bytes.length;
  }
  return [...lines, length, hash.digest("hex")].join("\n");
}
