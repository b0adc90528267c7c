/** Reads a tar stream as it passes by: ustar, pax and GNU long names. What it yields is as written, sane or not. */
import { BLOCK, padding } from "./tar.ts";
import { EXIT, ImgcError } from "../util/errors.ts";

/** What a reader says of each entry. Names are bytes read as Latin-1, so that odd ones stay what they are. */
export interface TarEntry {
  /** As written, but without the slash at the end. */
  name: string;
  /** The type flag: "0" file, "1" hard link, "2" symbolic link, "5" folder. */
  type: string;
  mode: number;
  uid: number;
  gid: number;
  /** Seconds since the epoch, as a header or, with a fraction, a pax header has them. */
  mtime: number;
  /** Bytes of content. */
  size: number;
  /** Where a link leads. */
  target: string;
  /** Numbers of a device. */
  major: number;
  minor: number;
  /** Where the content starts in the stream. */
  offset: number;
  /** Records of the entry's pax header that have no field above, such as extended attributes; and `mtime` as written. */
  records: ReadonlyMap<string, string>;
}

/** Takes the pieces of an entry's content; each is valid only during the call. */
export type TakeContent = (piece: Buffer) => void;

export class TarError extends ImgcError {
  constructor(message: string) {
    super(EXIT.findings, message);
  }
}

/** A name without what tar may write around it: `./`, slashes at either end. */
export function plainName(name: string): string {
  return name.replace(/^(?:\.?\/)+|\/+$/g, "").replace(/^\.$/, "");
}

interface Overrides {
  path?: string;
  linkpath?: string;
  size?: number;
  uid?: number;
  gid?: number;
  mtime?: number;
  records?: Map<string, string>;
}

/** Shared by all entries without such records: nearly all. */
const NO_RECORDS: ReadonlyMap<string, string> = new Map();
/** Limit of zeros after an archive's end: some writers pad the last record. */
const MAX_TRAILER = 1 << 20;
/** Bytes of what an entry says of the next one: names and attributes are far smaller, what claims more is none. */
const MAX_SAID = 1 << 24;

/** Feed it the stream piece by piece; `end` says whether the archive was whole. */
export class TarReader {
  readonly #onEntry: (entry: TarEntry) => TakeContent | void;
  readonly #isStrict: boolean;
  #offset = 0;
  #header = Buffer.alloc(BLOCK);
  #filled = 0;
  /** Bytes of content left, who takes them, and the padding after them. */
  #content = 0;
  #take: TakeContent | undefined;
  #padding = 0;
  #next: Overrides = {};
  /** Where the zero block that ends the archive starts. */
  #ended: number | undefined;

  /** Strict: what says nothing must be as writers leave it, so that no byte can change unseen. */
  constructor(onEntry: (entry: TarEntry) => TakeContent | void, { strict = false } = {}) {
    this.#onEntry = onEntry;
    this.#isStrict = strict;
  }

  push(piece: Buffer): void {
    let at = 0;
    const advance = (n: number): Buffer => {
      const bytes = piece.subarray(at, at + n);
      at += bytes.length;
      this.#offset += bytes.length;
      return bytes;
    };
    while (at < piece.length) {
      if (this.#ended !== undefined) {
        this.#mustBeZero(advance(piece.length - at));
        if (this.#offset - this.#ended > MAX_TRAILER) throw new TarError("the archive continues after its end");
      } else if (this.#content > 0) {
        const bytes = advance(this.#content);
        this.#content -= bytes.length;
        this.#take?.(bytes);
      } else if (this.#padding > 0) {
        const bytes = advance(this.#padding);
        this.#padding -= bytes.length;
        this.#mustBeZero(bytes);
      } else if (this.#filled === 0 && piece.length - at >= BLOCK) this.#read(advance(BLOCK));
      else {
        const bytes = advance(BLOCK - this.#filled);
        bytes.copy(this.#header, this.#filled);
        this.#filled = (this.#filled + bytes.length) % BLOCK;
        if (this.#filled === 0) this.#read(this.#header);
      }
    }
  }

  /** Skips up to `limit` bytes of content that no one reads; returns the number of skipped bytes. */
  skip(limit: number): number {
    if (this.#take !== undefined) return 0;
    const passed = Math.min(limit, this.#content);
    this.#content -= passed;
    this.#offset += passed;
    return passed;
  }

  /** Throws where the archive stops in the middle. */
  end(): void {
    if (this.#ended === undefined) throw new TarError("the archive ends in the middle");
    if (!this.#isStrict) return;
    const rest = this.#offset - this.#ended;
    if (rest < 2 * BLOCK) throw new TarError("the archive's end is missing: two blocks of zeros");
    if (rest % BLOCK !== 0) throw new TarError("the archive's last block is not whole");
  }

  #mustBeZero(bytes: Buffer): void {
    if (this.#isStrict && bytes.some((byte) => byte !== 0)) {
      throw new TarError(`bytes that must be zero are not, before ${this.#offset}`);
    }
  }

  #read(header: Buffer): void {
    if (header[0] === 0 && header.every((byte) => byte === 0)) {
      this.#ended = this.#offset - BLOCK;
      return;
    }
    this.#checkSum(header);
    const type = header[156] === 0 ? "0" : String.fromCharCode(header[156] as number);
    const size = this.#next.size ?? number(header, 124, 12);
    if (type === "x" || type === "L" || type === "K" || type === "g") {
      if (size > MAX_SAID) throw new TarError("a pax header is too large");
      this.#content = size;
      this.#padding = padding(size);
      this.#take = this.#collector(type, size);
      return;
    }
    const prefix = header.toString("latin1", 257, 263) === "ustar\0" ? text(header, 345, 155) : "";
    const hasContent = type === "0" || type === "7";
    const { path, linkpath, uid, gid, mtime, records = NO_RECORDS } = this.#next;
    this.#next = {};
    const take = this.#onEntry({
      name: (path ?? (prefix === "" ? "" : `${prefix}/`) + text(header, 0, 100)).replace(/(?<=.)\/+$/, ""),
      type,
      mode: number(header, 100, 8) & 0o7777,
      uid: uid ?? number(header, 108, 8),
      gid: gid ?? number(header, 116, 8),
      mtime: mtime ?? number(header, 136, 12),
      size: hasContent ? size : 0,
      target: linkpath ?? text(header, 157, 100),
      major: type === "3" || type === "4" ? number(header, 329, 8) : 0,
      minor: type === "3" || type === "4" ? number(header, 337, 8) : 0,
      offset: this.#offset,
      records,
    });
    this.#content = hasContent ? size : 0;
    this.#padding = padding(this.#content);
    this.#take = take ?? undefined;
  }

  #checkSum(header: Buffer): void {
    let sum = 8 * 0x20;
    for (let i = 0; i < BLOCK; i++) if (i < 148 || i >= 156) sum += header[i] as number;
    const isWritten = header.toString("latin1", 148, 156) === `${sum.toString(8).padStart(6, "0")}\0 `;
    if (isWritten || (!this.#isStrict && number(header, 148, 8) === sum)) return;
    throw new TarError(`a header's checksum is claimed as ${text(header, 148, 8)}, computed as ${sum.toString(8)}`);
  }

  /** Keeps the content of an entry that speaks of the next one. */
  #collector(type: string, size: number): TakeContent {
    const parts: Buffer[] = [];
    let left = size;
    return (piece) => {
      parts.push(Buffer.from(piece));
      left -= piece.length;
      if (left > 0) return;
      const body = Buffer.concat(parts);
      const long = () => body.toString("latin1").replace(/\0+$/, "");
      if (type === "L") this.#next.path = long();
      else if (type === "K") this.#next.linkpath = long();
      else if (type === "x") this.#pax(body);
    };
  }

  #pax(body: Buffer): void {
    for (let at = 0; at < body.length;) {
      const space = body.indexOf(" ", at);
      const length = space < 0 ? Number.NaN : Number(body.toString("latin1", at, space));
      if (!Number.isInteger(length) || length <= space - at || at + length > body.length) {
        throw new TarError("a pax header is malformed");
      }
      const record = body.toString("latin1", space + 1, at + length - 1);
      const equals = record.indexOf("=");
      const [key, value] = [record.slice(0, equals), record.slice(equals + 1)];
      if (key === "path" || key === "linkpath") this.#next[key] = value;
      else if (key === "size" || key === "uid" || key === "gid") this.#next[key] = decimal(value);
      else {
        if (key === "mtime") this.#next.mtime = seconds(value);
        (this.#next.records ??= new Map()).set(key, value);
      }
      at += length;
    }
  }
}

function decimal(digits: string): number {
  if (!/^\d{1,15}$/.test(digits)) throw new TarError("a pax header is malformed");
  return Number(digits);
}

function seconds(value: string): number {
  if (!/^-?\d{1,15}(?:\.\d*)?$/.test(value)) throw new TarError("a pax header is malformed");
  return Number(value);
}

function text(header: Buffer, at: number, length: number): string {
  const end = header.indexOf(0, at);
  return header.toString("latin1", at, end < 0 || end > at + length ? at + length : end);
}

/** A number as tar writes it: octal digits, or (GNU) big-endian bytes after a set top bit. */
function number(header: Buffer, at: number, length: number): number {
  const isBinary = ((header[at] as number) & 0x80) !== 0;
  if (isBinary && length === 8) return header.readUIntBE(at + 2, 6);
  if (isBinary) return Number(header.readBigUInt64BE(at + length - 8));
  const digits = text(header, at, length).trim();
  if (!/^[0-7]*$/.test(digits)) throw new TarError("a header has a number that is none");
  return Number.parseInt(digits || "0", 8);
}
