/** Reads a tar stream: ustar, pax and GNU long names. Entries are passed on without checks of names and targets. */
import { BLOCK, padding } from "./tar.ts";
import { EXIT, ImgcError } from "../util/errors.ts";

/** An entry of a tar stream. Names are bytes decoded as Latin-1, so that names that are not UTF-8 are kept. */
export interface TarEntry {
  /** Without slashes at the end. */
  name: string;
  /** The type flag: "0" file, "1" hard link, "2" symbolic link, "5" folder. */
  type: string;
  mode: number;
  uid: number;
  gid: number;
  /** Seconds since the epoch, with a fraction if a pax header has one. */
  mtime: number;
  /** The content's size in bytes. */
  size: number;
  /** The target of a link. */
  target: string;
  /** The numbers of a device. */
  major: number;
  minor: number;
  /** The offset of the content in the stream. */
  offset: number;
  /** Records of the entry's pax header without a field above, such as extended attributes; and the text of `mtime`. */
  records: ReadonlyMap<string, string>;
}

/** Takes the pieces of an entry's content; each is valid only during the call. */
export type TakeContent = (piece: Buffer) => void;

export class TarError extends ImgcError {
  constructor(message: string) {
    super(EXIT.findings, message);
  }
}

/** A name without `./` and slashes at its start and slashes at its end. */
export function plainName(name: string): string {
  const plain = withoutSlashes(name.replace(/^(?:\.?\/)+/, ""));
  return plain === "." ? "" : plain;
}

function withoutSlashes(name: string): string {
  return withoutTrailing(name, SLASH);
}

/** Removes a character from the end. A regular expression such as `/\/+$/` takes quadratic time for a million slashes. */
function withoutTrailing(padded: string, character: number): string {
  let end = padded.length;
  while (end > 0 && padded.charCodeAt(end - 1) === character) end--;
  return end === padded.length ? padded : padded.slice(0, end);
}

const SLASH = 0x2f;
/** The digit 0; the octal digits are the bytes whose upper five bits are equal to its. */
const ZERO = 0x30;

interface Overrides {
  path?: string;
  linkpath?: string;
  size?: number;
  uid?: number;
  gid?: number;
  mtime?: number;
  records?: Map<string, string>;
}

/** Shared by all entries without records: most entries have none. */
const NO_RECORDS: ReadonlyMap<string, string> = new Map();
/** Limit in bytes of zeros after an archive's end: some writers pad the last record. */
const MAX_TRAILER = 1 << 20;
/** Limit in bytes of an entry with names or attributes for the next entry; real ones are far smaller. */
const MAX_OVERRIDES = 1 << 24;

/** Limit in bytes of a name or of a link's target, far above PATH_MAX of Linux, so that readers can split names. */
const MAX_NAME = 1 << 16;

/** Reads a tar stream that is pushed piece by piece; `end` checks that the archive is complete. */
export class TarReader {
  readonly #onEntry: (entry: TarEntry) => TakeContent | void;
  readonly #isStrict: boolean;
  #offset = 0;
  #header = Buffer.alloc(BLOCK);
  #filled = 0;
  /** The number of remaining bytes of content, their receiver, and the bytes of padding after them. */
  #content = 0;
  #take: TakeContent | undefined;
  #padding = 0;
  #next: Overrides = {};
  /** The offset of the first zero block, which ends the archive. */
  #ended: number | undefined;

  /** `strict`: also checks padding and other bytes without meaning, so that no byte can change unnoticed. */
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
      } else if (this.#filled === 0 && piece.length - at >= BLOCK) {
        this.#offset += BLOCK;
        this.#read(piece, at);
        at += BLOCK;
      } else {
        const bytes = advance(BLOCK - this.#filled);
        bytes.copy(this.#header, this.#filled);
        this.#filled = (this.#filled + bytes.length) % BLOCK;
        if (this.#filled === 0) this.#read(this.#header, 0);
      }
    }
  }

  /** Skips up to `limit` bytes of content without a receiver; returns the number of skipped bytes. */
  skip(limit: number): number {
    if (this.#take !== undefined) return 0;
    const skipped = Math.min(limit, this.#content);
    this.#content -= skipped;
    this.#offset += skipped;
    return skipped;
  }

  /** Throws if the archive is incomplete. */
  end(): void {
    if (this.#ended === undefined) throw new TarError("the archive is truncated");
    if (!this.#isStrict) return;
    const rest = this.#offset - this.#ended;
    if (rest < 2 * BLOCK) throw new TarError("the archive's end is missing: two blocks of zeros");
    if (rest % BLOCK !== 0) throw new TarError("the archive's last block is incomplete");
  }

  #mustBeZero(bytes: Buffer): void {
    if (this.#isStrict && bytes.some((byte) => byte !== 0)) {
      throw new TarError(`bytes of padding before offset ${this.#offset} are not zero`);
    }
  }

  /** Reads the header at an offset of a buffer. Most time of reading many small files is spent here. */
  #read(bytes: Buffer, at: number): void {
    if (isZero(bytes, at)) {
      this.#ended = this.#offset - BLOCK;
      return;
    }
    this.#checkSum(bytes, at);
    const type = bytes[at + 156] === 0 ? "0" : String.fromCharCode(bytes[at + 156] as number);
    const size = this.#next.size ?? number(bytes, at + 124, 12);
    if (type === "x" || type === "L" || type === "K" || type === "g") {
      if (size > MAX_OVERRIDES) throw new TarError(`a pax header of ${size} bytes is too large`);
      this.#content = size;
      this.#padding = padding(size);
      this.#take = this.#collector(type, size);
      return;
    }
    const hasContent = type === "0" || type === "7";
    const isDevice = type === "3" || type === "4";
    const { path, linkpath, uid, gid, mtime, records = NO_RECORDS } = this.#next;
    this.#next = {};
    const name = path ?? nameOf(bytes, at);
    const target = linkpath ?? text(bytes, at + 157, 100);
    const longest = Math.max(name.length, target.length);
    if (longest > MAX_NAME) throw new TarError(`a name of ${longest} bytes is too long`);
    const take = this.#onEntry({
      // The root is `/`.
      name: withoutSlashes(name) || name.slice(0, 1),
      type,
      mode: number(bytes, at + 100, 8) & 0o7777,
      uid: uid ?? number(bytes, at + 108, 8),
      gid: gid ?? number(bytes, at + 116, 8),
      mtime: mtime ?? number(bytes, at + 136, 12),
      size: hasContent ? size : 0,
      target,
      major: isDevice ? number(bytes, at + 329, 8) : 0,
      minor: isDevice ? number(bytes, at + 337, 8) : 0,
      offset: this.#offset,
      records,
    });
    this.#content = hasContent ? size : 0;
    this.#padding = padding(this.#content);
    this.#take = take ?? undefined;
  }

  #checkSum(bytes: Buffer, at: number): void {
    let sum = 8 * 0x20;
    for (let i = at; i < at + 148; i++) sum += bytes[i] as number;
    for (let i = at + 156; i < at + BLOCK; i++) sum += bytes[i] as number;
    const isForm = !this.#isStrict || isCanonicalSum(bytes, at + 148);
    if (isForm && number(bytes, at + 148, 8) === sum) return;
    throw new TarError(`a header has the checksum ${text(bytes, at + 148, 8)}, but its bytes have ${sum.toString(8)}`);
  }

  /** Collects the content of an entry with attributes for the next entry. */
  #collector(type: string, size: number): TakeContent {
    const parts: Buffer[] = [];
    let left = size;
    return (piece) => {
      parts.push(Buffer.from(piece));
      left -= piece.length;
      if (left > 0) return;
      const body = Buffer.concat(parts);
      const long = () => withoutTrailing(body.toString("latin1"), 0);
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

/** Whether a block has only zeros. */
function isZero(bytes: Buffer, at: number): boolean {
  for (let i = at; i < at + BLOCK; i++) if (bytes[i] !== 0) return false;
  return true;
}

/** Whether a checksum has six octal digits, a NUL and a space. */
function isCanonicalSum(bytes: Buffer, at: number): boolean {
  for (let i = at; i < at + 6; i++) if (((bytes[i] as number) & 0xf8) !== ZERO) return false;
  return bytes[at + 6] === 0 && bytes[at + 7] === 0x20;
}

function nameOf(bytes: Buffer, at: number): string {
  const name = text(bytes, at, 100);
  const hasPrefix = bytes[at + 345] !== 0 && bytes.toString("latin1", at + 257, at + 263) === "ustar\0";
  return hasPrefix ? `${text(bytes, at + 345, 155)}/${name}` : name;
}

function text(bytes: Buffer, at: number, length: number): string {
  let end = at;
  while (end < at + length && bytes[end] !== 0) end++;
  return end === at ? "" : bytes.toString("latin1", at, end);
}

/** A number of a header: octal digits, or (GNU) big-endian bytes if the top bit is set. */
function number(bytes: Buffer, at: number, length: number): number {
  const isBinary = ((bytes[at] as number) & 0x80) !== 0;
  if (isBinary && length === 8) return bytes.readUIntBE(at + 2, 6);
  if (isBinary) return Number(bytes.readBigUInt64BE(at + length - 8));
  let value = 0;
  for (let i = at; i < at + length; i++) {
    const byte = bytes[i] as number;
    if (byte === 0 && i > at) return value;
    if ((byte & 0xf8) !== ZERO) return spacedNumber(text(bytes, at, length).trim());
    value = value * 8 + (byte & 7);
  }
  return value;
}

/** A number that some writers pad with spaces, or leave out. */
function spacedNumber(digits: string): number {
  if (!/^[0-7]*$/.test(digits)) throw new TarError("a header has an invalid number");
  return Number.parseInt(digits || "0", 8);
}
