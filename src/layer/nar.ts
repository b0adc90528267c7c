/** NAR hashes of store paths: SHA-256 of a path's Nix archive, and parsing of Nix's notations for them. */
import { createHash } from "node:crypto";
import { closeSync, readSync } from "node:fs";
import { openFound } from "../util/regular-file.ts";
import { treeEntries } from "./tree.ts";

const CHUNK = 1 << 20;
const BASE32 = "0123456789abcdfghijklmnpqrsvwxyz";
const BASE32_HASH = /^[0-9abcdfghijklmnpqrsvwxyz]{52}$/;

/** The attributes of a file in a NAR. */
export interface NarEntry {
  kind: "file" | "directory" | "symlink";
  isExecutable: boolean;
  /** Bytes of content that follow. */
  size: number;
  /** The target of a link. */
  target: Buffer;
}

/** Hashes the files of a store path, fed in the byte order of names: each entry, then its content. */
export class NarHash {
  readonly #hash = createHash("sha256");
  /** Collects many short strings for a single call of the hash. */
  readonly #strings = Buffer.allocUnsafe(1 << 16);
  #used = 0;
  /** Folders that are not closed yet; the store path itself is "". */
  readonly #open: string[] = [];
  /** Writes the end of the last file. */
  #afterFile: (() => void) | undefined;
  /** The archive's size so far, in bytes. */
  size = 0;

  constructor() {
    this.#write("nix-archive-1");
  }

  /** `name`: the parts of the path below the store path, as Latin-1; empty for the store path itself. */
  entry(name: string[], { kind, isExecutable, size, target }: NarEntry): void {
    const folders = name.length === 0 ? [] : ["", ...name.slice(0, -1)];
    const differs = folders.findIndex((folder, i) => this.#open[i] !== folder);
    this.#close(differs < 0 ? folders.length : differs);
    const last = name.at(-1);
    if (last !== undefined) this.#write("entry", "(", "name", Buffer.from(last, "latin1"), "node");
    this.#write("(", "type");
    if (kind === "directory") {
      this.#write("directory");
      this.#open.push(last ?? "");
    } else if (kind === "symlink") {
      this.#write("symlink", "target", target, ")");
      if (last !== undefined) this.#write(")");
    } else {
      this.#write("regular", ...(isExecutable ? ["executable", ""] : []), "contents");
      this.#length(size);
      this.#afterFile = () => {
        this.#add(Buffer.alloc(padding(size)));
        this.#write(")", ...(last === undefined ? [] : [")"]));
      };
    }
  }

  content(piece: Buffer): void {
    this.#flush();
    this.#hash.update(piece);
    this.size += piece.length;
  }

  digest(): Buffer {
    this.#close(0);
    this.#flush();
    return this.#hash.digest();
  }

  /** Closes folders until `depth` are open. */
  #close(depth: number): void {
    this.#afterFile?.();
    this.#afterFile = undefined;
    while (this.#open.length > depth) this.#write(")", ...(this.#open.pop() === "" ? [] : [")"]));
  }

  /** Writes each string with its length before it, padded to eight bytes. */
  #write(...strings: (string | Buffer)[]): void {
    for (const string of strings) {
      const bytes = Buffer.from(string);
      this.#length(bytes.length);
      this.#add(bytes);
      this.#add(Buffer.alloc(padding(bytes.length)));
    }
  }

  #length(value: number): void {
    const field = Buffer.alloc(8);
    field.writeBigUInt64LE(BigInt(value));
    this.#add(field);
  }

  #add(bytes: Buffer): void {
    if (this.#used + bytes.length > this.#strings.length) this.#flush();
    this.#used += bytes.copy(this.#strings, this.#used);
    this.size += bytes.length;
  }

  #flush(): void {
    if (this.#used > 0) this.#hash.update(this.#strings.subarray(0, this.#used));
    this.#used = 0;
  }
}

/** The NAR hash of a file or folder on this machine. */
export function narHash(path: string): Buffer {
  return narDigest(path).hash;
}

/** The NAR hash, and the archive's size in bytes. */
export function narDigest(path: string): { hash: Buffer; size: number } {
  const nar = new NarHash();
  const chunk = Buffer.allocUnsafe(CHUNK);
  for (const { name, kind, mode, size, source, target } of treeEntries(path)) {
    const parts = name.toString("latin1").split("/").slice(1);
    nar.entry(parts, { kind, isExecutable: (mode & 0o100) !== 0, size, target: target ?? Buffer.alloc(0) });
    if (source === undefined || size === 0) continue;
    const fd = openFound(source);
    try {
      for (let left = size; left > 0;) {
        const read = readSync(fd, chunk, 0, Math.min(left, CHUNK), null);
        if (read === 0) break;
        nar.content(chunk.subarray(0, read));
        left -= read;
      }
    } finally {
      closeSync(fd);
    }
  }
  return { hash: nar.digest(), size: nar.size };
}

/** Parses a SHA-256 hash in Nix's notations: Nix's base 32, base 16, or base 64, also as `sha256-…`; undefined for other text. */
export function parseHash(text: string): Buffer | undefined {
  const [, digits = ""] = /^sha256[:-](.*)$/.exec(text) ?? [];
  if (/^[0-9a-f]{64}$/.test(digits)) return Buffer.from(digits, "hex");
  if (/^[A-Za-z0-9+/]{43}=$/.test(digits)) return Buffer.from(digits, "base64");
  if (!BASE32_HASH.test(digits)) return undefined;
  let value = 0n;
  for (let i = 0; i < digits.length; i++) value = value * 32n + BigInt(BASE32.indexOf(digits.charAt(i)));
  const hex = value.toString(16).padStart(64, "0");
  // Nix's base 32 starts with the last byte.
  return hex.length === 64 ? Buffer.from(Buffer.from(hex, "hex").toReversed()) : undefined;
}

function padding(size: number): number {
  return (8 - (size % 8)) % 8;
}
