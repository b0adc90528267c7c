/**
 * Compresses a tar stream as zstd:chunked (containers/storage, pkg/chunked): a frame for each chunk of a file, then three
 * skippable frames with the table of contents, the tar-split (the stream without the files' content), and a footer. To other
 * clients, the blob is an ordinary zstd stream.
 */
import { createHash } from "node:crypto";
import { constants, zstdCompressSync } from "node:zlib";
import { digestOf, sha256 } from "../../oci/digest.ts";
import { TarReader, type TarEntry } from "../read-tar.ts";
import { chunkedAnnotations, TOC_TYPE, type Part } from "./annotations.ts";
import { Crc64 } from "./crc64.ts";
import { cut, type Chunk } from "./cut.ts";
import type { Toc, TocEntry } from "./toc.ts";
import { nameOf, tocEntry } from "./toc-entry.ts";

/** The version of the cuts and frames, a part of the compressor's name in recipes. */
export const CHUNKED_VERSION = 1;

/** Files are cut in parts of this many bytes. */
const PART = 1 << 22;
/** Bytes of headers and padding after a chunk that share its frame; more of them have frames of their own. */
const MAX_RIDERS = 1 << 17;
/** The least level for the table of contents and the tar-split, which have few bytes. */
const TABLE_LEVEL = 9;
const SKIPPABLE = 0x184d2a50;
const FOOTER_MAGIC = Buffer.from("GNUlInUx");

interface FileState {
  entry: TocEntry;
  /** The position of the content in the stream, and its bytes that are not read yet. */
  start: number;
  left: number;
  /** The size of the part in `#part`. */
  filled: number;
  cutSize: number;
  hash: ReturnType<typeof createHash>;
  crc: Crc64;
  chunks: (Chunk & { offset: number; digest: string })[];
}

export class ChunkedWriter {
  readonly #level: number;
  readonly #emit: (frame: Buffer) => void;
  readonly #tar = new TarReader((entry) => this.#entry(entry));
  readonly #part = Buffer.allocUnsafe(PART);
  readonly #toc: TocEntry[] = [];
  /** The lines of the tar-split, and the bytes of the stream since its last entry. */
  readonly #tarSplit: Buffer[] = [];
  #lines = 0;
  #raw: Buffer[] = [];
  /** The bytes of the current frame, and how many of them follow its chunk. */
  #frame: Buffer[] = [];
  #riders = 0;
  /** Files whose content the reader has found, but the writer has not passed. */
  readonly #files: FileState[] = [];
  /** The headers found in the current piece: the position at which each ends. */
  #headers: { end: number; entry: TarEntry }[] = [];
  #position = 0;
  #written = 0;
  /** The entry of the file whose last frame is not written yet. */
  #last: TocEntry | undefined;

  constructor(level: number, emit: (frame: Buffer) => void) {
    this.#level = level;
    this.#emit = emit;
  }

  /** Adds a piece of the tar stream. The piece is not kept. */
  push(piece: Buffer): void {
    this.#tar.push(piece);
    for (let at = 0; at < piece.length;) {
      const file = this.#files[0];
      const isContent = file !== undefined && this.#position >= file.start;
      const header = this.#headers[0];
      const until = isContent ? file.left : Math.min(header?.end ?? Infinity, file?.start ?? Infinity) - this.#position;
      const bytes = piece.subarray(at, at + until);
      at += bytes.length;
      this.#position += bytes.length;
      if (isContent) this.#content(file, bytes);
      else this.#between(bytes);
      if (header?.end === this.#position && !isContent) {
        this.#headers.shift();
        this.#header(header.entry);
      }
    }
  }

  /** Writes the last frames; returns the layer's annotations, and its tables without compression. */
  end(): { annotations: Record<string, string>; toc: Toc; tarSplit: Buffer } {
    this.#tar.end();
    this.#startFrame();
    if (this.#raw.length > 0) this.#segment();
    const level = Math.max(this.#level, TABLE_LEVEL);
    const plainTarSplit = Buffer.concat(this.#tarSplit);
    const tarSplit = compressed(plainTarSplit, level);
    const toc: Toc = { version: 1, entries: this.#toc, tarSplitDigest: sha256(tarSplit.bytes) };
    const table = compressed(Buffer.from(JSON.stringify(toc)), level);
    const place = ({ bytes, plainLength }: Compressed): Part => {
      const offset = this.#skippable(bytes);
      return { offset, length: bytes.length, plainLength };
    };
    const parts = { tocDigest: sha256(table.bytes), toc: place(table), tarSplit: place(tarSplit) };
    this.#skippable(footer(parts));
    return { annotations: chunkedAnnotations(parts), toc, tarSplit: plainTarSplit };
  }

  #entry(entry: TarEntry): void {
    this.#headers.push({ end: entry.offset, entry });
  }

  /** Takes an entry after the last byte of its header. */
  #header(entry: TarEntry): void {
    const described = tocEntry(entry);
    this.#toc.push(described);
    this.#segment();
    if (entry.size === 0) this.#line({ type: 1, name: nameOf(entry), payload: null });
    else
      this.#files.push({
        entry: described,
        start: entry.offset,
        left: entry.size,
        filled: 0,
        cutSize: 0,
        hash: createHash("sha256"),
        crc: new Crc64(),
        chunks: [],
      });
  }

  /** Adds headers and padding. */
  #between(bytes: Buffer): void {
    const copy = Buffer.from(bytes);
    this.#raw.push(copy);
    if (this.#riders + copy.length > MAX_RIDERS) this.#startFrame();
    this.#frame.push(copy);
    this.#riders += copy.length;
  }

  #content(file: FileState, bytes: Buffer): void {
    file.hash.update(bytes);
    file.crc.update(bytes);
    file.left -= bytes.length;
    for (let at = 0; at < bytes.length;) {
      const copied = bytes.copy(this.#part, file.filled, at);
      at += copied;
      file.filled += copied;
      if (file.filled === PART) this.#cut(file);
    }
    if (file.left > 0) return;
    this.#cut(file);
    this.#files.shift();
    this.#finish(file);
  }

  /** Writes the chunks of the current part of a file. */
  #cut(file: FileState): void {
    const part = this.#part.subarray(0, file.filled);
    for (const chunk of cut(part)) {
      this.#startFrame();
      // Copied, because the next part is written into the same memory.
      const bytes = Buffer.from(part.subarray(chunk.start, chunk.end));
      this.#frame.push(bytes);
      const [start, end] = [file.cutSize + chunk.start, file.cutSize + chunk.end];
      file.chunks.push({ start, end, isZeros: chunk.isZeros, offset: this.#written, digest: sha256(bytes) });
    }
    file.cutSize += file.filled;
    file.filled = 0;
  }

  /** Completes the entries of a file, except for the end of its last frame, which has not been written. */
  #finish({ entry, crc, hash, chunks }: FileState): void {
    this.#line({ type: 1, name: entry.name, size: entry.size, payload: crc.digest().toString("base64") });
    const [first] = chunks;
    if (first === undefined) return;
    Object.assign(entry, { digest: digestOf(hash), offset: first.offset });
    this.#last = entry;
    if (chunks.length === 1) return;
    for (const [i, { start, end, offset, digest, isZeros }] of chunks.entries()) {
      const target: TocEntry = i === 0 ? entry : { type: "chunk", name: entry.name, offset };
      Object.assign(target, {
        chunkSize: end - start,
        ...(start === 0 ? {} : { chunkOffset: start }),
        chunkDigest: digest,
        ...(isZeros ? { chunkType: "zeros" } : {}),
      });
      if (i > 0) this.#toc.push(target);
    }
  }

  /** Writes the current frame. */
  #startFrame(): void {
    if (this.#frame.length > 0) this.#write(compressed(Buffer.concat(this.#frame), this.#level).bytes);
    this.#frame = [];
    this.#riders = 0;
    if (this.#last !== undefined) this.#last.endOffset = this.#written;
    this.#last = undefined;
  }

  #write(bytes: Buffer): void {
    this.#written += bytes.length;
    this.#emit(bytes);
  }

  /** Writes a skippable frame (RFC 8878, 3.1.2); returns the offset of its data. */
  #skippable(bytes: Buffer): number {
    const header = Buffer.alloc(8);
    header.writeUInt32LE(SKIPPABLE, 0);
    header.writeUInt32LE(bytes.length, 4);
    this.#write(header);
    const offset = this.#written;
    this.#write(bytes);
    return offset;
  }

  /** Clients need one segment for each header, which may start with the padding of the file before. */
  #segment(): void {
    this.#line({ type: 2, payload: Buffer.concat(this.#raw).toString("base64") });
    this.#raw = [];
  }

  #line(entry: object): void {
    this.#tarSplit.push(Buffer.from(`${JSON.stringify({ ...entry, position: this.#lines++ })}\n`));
  }
}

interface Compressed {
  bytes: Buffer;
  plainLength: number;
}

/** The bytes as one frame. */
function compressed(bytes: Buffer, level: number): Compressed {
  const params = { [constants.ZSTD_c_compressionLevel]: level };
  return { bytes: zstdCompressSync(bytes, { params }), plainLength: bytes.length };
}

function footer({ toc, tarSplit }: { toc: Part; tarSplit: Part }): Buffer {
  const bytes = Buffer.alloc(64);
  const numbers = [
    toc.offset,
    toc.length,
    toc.plainLength,
    TOC_TYPE,
    tarSplit.offset,
    tarSplit.length,
    tarSplit.plainLength,
  ];
  for (const [i, number] of numbers.entries()) bytes.writeBigUInt64LE(BigInt(number), 8 * i);
  FOOTER_MAGIC.copy(bytes, 56);
  return bytes;
}
