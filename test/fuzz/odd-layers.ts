/** Tar streams of layers: sane, odd and hostile. */
import { gzipSync, zstdCompressSync } from "node:zlib";
import { encodeHeader, padding, TRAILER } from "../../src/layer/tar.ts";
import type { Random } from "./random.ts";

export interface OddEntry {
  /** The type flag of tar. */
  type: string;
  name: string;
  target?: string;
  contents?: Buffer;
  /** The size in the header, if it differs from the length of the contents. */
  size?: number;
  /** By default, 0755 for folders and 0644 for other entries. */
  mode?: number;
}

const NAMES = [
  "bin/run",
  "etc/passwd",
  "etc/group",
  "etc/motd",
  "nix/store/00000000000000000000000000000000-a/x",
  "nix/var/nix/db/db.sqlite",
  "lib",
  "lib/a",
  "a",
  "a/b",
  "a/b/c",
  "tmp",
  "../out",
  "/absolute",
  ".wh.a",
  "a/.wh.b",
  "a/.wh..wh..opq",
  ".wh..wh..opq",
  "etc/.wh.passwd",
  ".wh.",
  ".wh..",
  "a\u001b[31m\nb",
  "e\u202egnp.exe",
  "::error::x",
];
const TARGETS = ["a", "a/b", "/a", "..", "../../../etc/passwd", ".", "lib", "/dev/zero", "x".repeat(5000)];
const PASSWD = "root:x:0:0::/:/bin/sh\n";

function header({ type, name, target, contents, size, mode = type === "5" ? 0o755 : 0o644 }: OddEntry): Buffer {
  const kind = type === "5" ? "directory" : type === "2" || type === "1" ? "symlink" : "file";
  const entry = { kind, name: Buffer.from(name), mode, uid: 0, gid: 0 } as const;
  const link = target === undefined ? {} : { target: Buffer.from(target) };
  const bytes = encodeHeader({ ...entry, size: size ?? contents?.length ?? 0, ...link });
  if (kind === "symlink" && type === "2") return bytes;
  const last = bytes.length - 512;
  if (bytes.toString("latin1", last + 156, last + 157) === type) return bytes;
  bytes.write(type, last + 156);
  bytes.fill(" ", last + 148, last + 156);
  const sum = bytes.subarray(last).reduce((total, byte) => total + byte, 0);
  bytes.write(`${sum.toString(8).padStart(6, "0")}\0 `, last + 148);
  return bytes;
}

export function tarOf(entries: OddEntry[]): Buffer {
  return Buffer.concat([
    ...entries.flatMap((entry) => {
      const contents = entry.contents ?? Buffer.alloc(0);
      return [header(entry), contents, Buffer.alloc(padding(contents.length))];
    }),
    TRAILER,
  ]);
}

export function oddEntries(random: Random): OddEntry[] {
  const shapes: (() => OddEntry[])[] = [
    () => Array.from({ length: random.below(8) }, () => oddEntry(random)),
    () => [
      { type: "5", name: "etc" },
      { type: "0", name: "etc/passwd", contents: Buffer.from(PASSWD) },
      { type: "0", name: "bin/run", contents: Buffer.from("#!/bin/sh\n") },
    ],
    // A hard link to a folder, in itself.
    () => [
      { type: "5", name: "a" },
      { type: "1", name: "a/b", target: "a" },
      { type: "0", name: "a/b/b/b/c" },
    ],
    () => [
      { type: "2", name: "a", target: "b" },
      { type: "2", name: "b", target: "a" },
      { type: "2", name: "c", target: Array.from({ length: 900 }, () => "a/..").join("/") },
    ],
    () => [{ type: "0", name: `${"d/".repeat(random.pick([200, 300, 2000]))}x` }],
    () => Array.from({ length: 3000 }, (_, i): OddEntry => ({ type: "0", name: `many/${i}` })),
    () => Array.from({ length: 2000 }, (_, i): OddEntry => ({ type: "0", name: `.wh.${i}` })),
    () => Array.from({ length: 2000 }, (): OddEntry => ({ type: "0", name: ".wh..wh..opq" })),
    () => [{ type: "0", name: "etc/passwd", contents: Buffer.from("x:x:1:1::/:/\n".repeat(random.pick([1, 40_000]))) }],
    () => [{ type: random.pick(["3", "4", "6", "S", "Z", "7"]), name: "dev/odd" }],
    () => [
      { type: "L", name: "long", contents: Buffer.from(`a${random.pick(["/", "\0", "a/"]).repeat(100_000)}b`) },
      { type: "0", name: "a" },
    ],
    () => [{ type: "0", name: "giant", size: 2 ** random.pick([33, 40, 60]) }],
    () => [{ type: "x", name: "pax", contents: Buffer.from(random.pick(["9 path=\n", "20 size=99999999999\n", "x"])) }],
  ];
  return random.chance(0.4) ? saneEntries(random) : random.pick(shapes)();
}

function saneEntries(random: Random): OddEntry[] {
  const name = random.pick(["app", "lib", "etc"]);
  return [
    { type: "5", name },
    { type: "0", name: `${name}/file${random.below(100)}`, contents: random.bytes(random.below(5000)) },
    { type: "2", name: `${name}/link${random.below(100)}`, target: "/" },
  ];
}

function oddEntry(random: Random): OddEntry {
  const type = random.pick(["0", "0", "0", "5", "2", "1"]);
  const name = random.pick(NAMES);
  if (type === "2" || type === "1") return { type, name, target: random.pick(TARGETS) };
  return type === "5" ? { type, name } : { type, name, contents: random.bytes(random.below(200)) };
}

/** Layers that unpack to far more bytes, cached because making them takes time. */
const bombs = new Map<string, Buffer>();
export function bomb(kind: "gzip" | "zstd", files: number, size: number): Buffer {
  const key = `${kind} ${files} ${size}`;
  const known = bombs.get(key);
  if (known !== undefined) return known;
  const pack = kind === "gzip" ? gzipSync : zstdCompressSync;
  const zeros = Buffer.alloc(size);
  // Concatenated compressed members, so that the whole is never in memory.
  const packed = pack(zeros);
  const parts = Array.from({ length: files }, (_, i) => {
    const name = `${i}/db.sqlite`;
    return [pack(header({ type: "0", name, size })), packed, pack(Buffer.alloc(padding(size)))];
  });
  const made = Buffer.concat([...parts.flat(), pack(TRAILER)]);
  bombs.set(key, made);
  return made;
}
