/** Reads the entry names of a tar stream as it passes by: ustar, pax and GNU long names. */
import { BLOCK, padding } from "./tar.ts";

/** What a reader says of each entry; `name` has no slash at either end. */
export interface TarEntry {
  name: string;
  type: string;
  mode: number;
  size: number;
}

export class TarError extends Error {}

/** Feed it the stream piece by piece; it calls `onEntry` for each entry, and `end` says whether the archive was whole. */
export class TarReader {
  readonly #onEntry: (entry: TarEntry) => void;
  #pending: Buffer = Buffer.alloc(0);
  /** Bytes of content to pass over, and those of them that are kept (long names). */
  #skip = 0;
  #keep: { type: string; left: number; parts: Buffer[] } | undefined;
  #next: { path?: string; size?: number } = {};
  #ended = false;

  constructor(onEntry: (entry: TarEntry) => void) {
    this.#onEntry = onEntry;
  }

  push(piece: Buffer): void {
    let at = 0;
    while (at < piece.length && !this.#ended) {
      if (this.#skip > 0) {
        const n = Math.min(this.#skip, piece.length - at);
        this.#collect(piece.subarray(at, at + n));
        this.#skip -= n;
        at += n;
        continue;
      }
      const n = Math.min(BLOCK - this.#pending.length, piece.length - at);
      this.#pending = Buffer.concat([this.#pending, piece.subarray(at, at + n)]);
      at += n;
      if (this.#pending.length === BLOCK) {
        const header = this.#pending;
        this.#pending = Buffer.alloc(0);
        this.#header(header);
      }
    }
  }

  /** Throws where the archive stops in the middle. */
  end(): void {
    if (!this.#ended) throw new TarError("the archive ends in the middle");
  }

  #header(header: Buffer): void {
    if (header.every((byte) => byte === 0)) {
      this.#ended = true;
      return;
    }
    const claimed = octal(header, 148, 8);
    let sum = 8 * 0x20;
    for (const [i, byte] of header.entries()) if (i < 148 || i >= 156) sum += byte;
    if (claimed !== sum) throw new TarError(`a header's checksum is claimed as ${claimed}, computed as ${sum}`);

    const type = String.fromCharCode(header[156] as number);
    const size = this.#next.size ?? octal(header, 124, 12);
    if (type === "x" || type === "L") {
      this.#keep = { type, left: size, parts: [] };
      this.#skip = size + padding(size);
      return;
    }
    const prefix = text(header, 345, 155);
    const name = this.#next.path ?? (prefix === "" ? "" : `${prefix}/`) + text(header, 0, 100);
    this.#next = {};
    const hasContent = type === "0" || type === "\u0000" || type === "g";
    this.#skip = hasContent ? size + padding(size) : 0;
    if (type !== "g")
      this.#onEntry({ name: name.replace(/^(\.?\/)+|\/+$/g, ""), type, mode: octal(header, 100, 8), size });
  }

  #collect(bytes: Buffer): void {
    const keep = this.#keep;
    if (keep === undefined) return;
    const wanted = bytes.subarray(0, keep.left);
    keep.parts.push(Buffer.from(wanted));
    keep.left -= wanted.length;
    if (keep.left > 0) return;
    this.#keep = undefined;
    const body = Buffer.concat(keep.parts);
    if (keep.type === "L") this.#next.path = body.toString().replace(/\0+$/, "");
    else this.#pax(body);
  }

  #pax(body: Buffer): void {
    for (let at = 0; at < body.length;) {
      const space = body.indexOf(" ", at);
      const length = space < 0 ? Number.NaN : Number(body.subarray(at, space).toString());
      if (!Number.isInteger(length) || length <= 0) throw new TarError("a pax header is malformed");
      const [key, value] = splitOnce(body.subarray(space + 1, at + length - 1).toString());
      if (key === "path") this.#next.path = value;
      if (key === "size") this.#next.size = Number(value);
      at += length;
    }
  }
}

function splitOnce(record: string): [string, string] {
  const equals = record.indexOf("=");
  return [record.slice(0, equals), record.slice(equals + 1)];
}

function text(header: Buffer, at: number, length: number): string {
  const field = header.subarray(at, at + length);
  const end = field.indexOf(0);
  return field.subarray(0, end < 0 ? length : end).toString();
}

/** A number as tar writes it: octal digits, or (GNU) big-endian bytes after a set top bit. */
function octal(header: Buffer, at: number, length: number): number {
  const first = header[at] as number;
  if ((first & 0x80) !== 0) return Number(header.subarray(at + 1, at + length).readBigUInt64BE(length - 9));
  return Number.parseInt(text(header, at, length).trim() || "0", 8);
}
