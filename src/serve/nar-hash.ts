/** The hash Nix knows a store path by: SHA-256 of its archive form (NAR), and the ways Nix writes such a hash. */
import { createHash } from "node:crypto";
import { closeSync, lstatSync, openSync, readdirSync, readlinkSync, readSync } from "node:fs";

const CHUNK = 1 << 20;
const BASE32 = "0123456789abcdfghijklmnpqrsvwxyz";
const BASE32_HASH = /^[0-9abcdfghijklmnpqrsvwxyz]{52}$/;

export function narHash(path: string): Buffer {
  const hash = createHash("sha256");
  const chunk = Buffer.allocUnsafe(CHUNK);

  const string = (bytes: Buffer | string) => {
    const data = Buffer.from(bytes);
    length(data.length);
    hash.update(data);
    hash.update(Buffer.alloc(padding(data.length)));
  };
  const strings = (...all: string[]) => all.forEach(string);
  const length = (value: number) => {
    const field = Buffer.alloc(8);
    field.writeBigUInt64LE(BigInt(value));
    hash.update(field);
  };
  const contents = (file: Buffer, size: number) => {
    length(size);
    const fd = openSync(file, "r");
    try {
      for (let left = size; left > 0;) {
        const read = readSync(fd, chunk, 0, Math.min(left, CHUNK), null);
        if (read === 0) break;
        hash.update(chunk.subarray(0, read));
        left -= read;
      }
    } finally {
      closeSync(fd);
    }
    hash.update(Buffer.alloc(padding(size)));
  };
  const node = (at: Buffer) => {
    const stat = lstatSync(at);
    strings("(", "type");
    if (stat.isSymbolicLink()) {
      strings("symlink", "target");
      string(readlinkSync(at, { encoding: "buffer" }));
    } else if (stat.isDirectory()) {
      string("directory");
      for (const name of readdirSync(at, { encoding: "buffer" }).toSorted(Buffer.compare)) {
        strings("entry", "(", "name");
        string(name);
        string("node");
        node(Buffer.concat([at, Buffer.from("/"), name]));
        string(")");
      }
    } else {
      string("regular");
      if ((stat.mode & 0o100) !== 0) strings("executable", "");
      string("contents");
      contents(at, stat.size);
    }
    string(")");
  };
  string("nix-archive-1");
  node(Buffer.from(path));
  return hash.digest();
}

/** A SHA-256 as Nix writes it: its own base 32, base 16, or base 64 (also as `sha256-…`). Undefined if it is none. */
export function parseHash(text: string): Buffer | undefined {
  const [, digits = ""] = /^sha256[:-](.*)$/.exec(text) ?? [];
  if (/^[0-9a-f]{64}$/.test(digits)) return Buffer.from(digits, "hex");
  if (/^[A-Za-z0-9+/]{43}=$/.test(digits)) return Buffer.from(digits, "base64");
  if (!BASE32_HASH.test(digits)) return undefined;
  let value = 0n;
  for (let i = 0; i < digits.length; i++) value = value * 32n + BigInt(BASE32.indexOf(digits.charAt(i)));
  const hex = value.toString(16).padStart(64, "0");
  // Nix counts from the last byte.
  return hex.length === 64 ? Buffer.from(Buffer.from(hex, "hex").toReversed()) : undefined;
}

function padding(size: number): number {
  return (8 - (size % 8)) % 8;
}
