import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { zstdDecompressSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parseChunkedAnnotations, type Part } from "../../../src/layer/chunked/annotations.ts";
import { Toc, type TocEntry } from "../../../src/layer/chunked/toc.ts";
import { compress, type ChunkIndex } from "../../../src/layer/compress.ts";
import { decompress } from "../../../src/layer/decompress.ts";
import type { RootEntry } from "../../../src/layer/recipe.ts";
import { layerChunks } from "../../../src/layer/stream.ts";
import { sha256 } from "../../../src/oci/digest.ts";

let folder = "";
let tar: Buffer;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "imgc-chunked-"));
  const source = join(folder, "tree");
  mkdirSync(join(source, "many"), { recursive: true });
  for (let i = 0; i < 400; i++) writeFileSync(join(source, "many", `${i}`), "");
  const noise = Array.from({ length: 150_000 }, (_, i) => createHash("sha256").update(`${i}`).digest());
  writeFileSync(join(source, "large"), Buffer.concat([...noise, Buffer.alloc(10_000), Buffer.from("end")]));
  writeFileSync(join(source, "small"), "/nix/store/");
  writeFileSync(join(source, "zeros"), Buffer.alloc(5000));
  const owner = { uid: 0, gid: 0 };
  const kept = { mtime: "-5.25", records: { "SCHILY.xattr.user.a": "AOk=" } };
  const entries: RootEntry[] = [
    { kind: "directory", path: "/", mode: 0o755, ...owner },
    { kind: "copy", path: "/a", source, mode: null, ...owner },
    { kind: "link", path: `/${"l".repeat(150)}`, target: "ä", ...owner },
    { kind: "device", path: "/null", device: "character", major: 1, minor: 3, mode: 0o666, ...owner },
    { kind: "copy", path: "/same", source: join(source, "small"), mode: 0o4755, sameAs: "/a/small", ...owner },
    { kind: "text", path: "/text", text: "ü", mode: 0o644, uid: 7, gid: 8, kept },
  ];
  const chunks = layerChunks({ paths: [], entries, permissions: [] });
  tar = Buffer.concat(Array.from(chunks, (chunk) => Buffer.from(chunk)));
});
afterAll(() => rmSync(folder, { recursive: true }));

async function packed(size = 1 << 20): Promise<{ blob: Buffer; index: ChunkIndex }> {
  let index: ChunkIndex | undefined;
  function* pieces() {
    for (let at = 0; at < tar.length; at += size) yield Buffer.from(tar.subarray(at, at + size));
  }
  const compression = { algorithm: "zstd", level: null, chunked: true } as const;
  const blob = await buffer(compress(pieces(), compression, (made) => (index = made)));
  if (index === undefined) throw new Error("the blob has no index");
  return { blob, index };
}

const unpacked = (blob: Buffer, { offset, length }: Part) => zstdDecompressSync(blob.subarray(offset, offset + length));

test("other clients read the blob as plain zstd, and its bytes do not depend on the pieces", async () => {
  const { blob } = await packed();
  async function* pieces() {
    yield blob;
  }
  expect((await buffer(decompress(pieces(), "zstd"))).equals(tar)).toBe(true);
  expect((await packed(4096)).blob.equals(blob)).toBe(true);
  expect((await packed(1_000_003)).blob.equals(blob)).toBe(true);
});

test("annotations, footer and table of contents lead to each chunk", async () => {
  const { blob, index } = await packed();
  const parts = parseChunkedAnnotations(index.annotations);
  if (parts === undefined) throw new Error("the annotations have another form");
  expect(index.annotations["io.containers.zstd-chunked.manifest-checksum"]).toBe(parts.tocDigest);
  const { toc, tarSplit } = parts;
  expect(sha256(blob.subarray(toc.offset, toc.offset + toc.length))).toBe(parts.tocDigest);
  expect(unpacked(blob, toc).length).toBe(toc.plainLength);
  expect(unpacked(blob, tarSplit).length).toBe(tarSplit.plainLength);
  const numbers = Array.from({ length: 7 }, (_, i) => Number(blob.readBigUInt64LE(blob.length - 64 + 8 * i)));
  expect(numbers).toEqual([
    toc.offset,
    toc.length,
    toc.plainLength,
    1,
    tarSplit.offset,
    tarSplit.length,
    tarSplit.plainLength,
  ]);
  expect(blob.toString("latin1", blob.length - 8)).toBe("GNUlInUx");

  const { entries, tarSplitDigest } = Toc.parse(JSON.parse(unpacked(blob, toc).toString()));
  expect(tarSplitDigest).toBe(sha256(blob.subarray(tarSplit.offset, tarSplit.offset + tarSplit.length)));
  const files = entries.filter(({ type, size = 0 }) => type === "reg" && size > 0);
  for (const file of files) {
    const chunks = entries.filter(({ name, type }) => name === file.name && (type === "chunk" || type === "reg"));
    const contents = chunks.map((chunk, i) => content(blob, file, chunk, chunks[i + 1]));
    expect(sha256(Buffer.concat(contents))).toBe(file.digest);
  }
  expect(files.map(({ name }) => name)).toEqual(["a/large", "a/small", "a/zeros", "text"]);
  const large = entries.filter(({ name }) => name === "a/large");
  expect(large.length).toBeGreaterThan(20);
  expect(large.filter(({ chunkType }) => chunkType === "zeros").map(({ chunkSize }) => chunkSize)).toEqual([10_000]);
});

/** The content of a chunk, read from its frame alone. */
function content(blob: Buffer, file: TocEntry, chunk: TocEntry, next: TocEntry | undefined): Buffer {
  const frame = zstdDecompressSync(blob.subarray(chunk.offset, next?.offset ?? file.endOffset));
  const bytes = frame.subarray(0, chunk.chunkSize ?? file.size);
  if (chunk.chunkDigest !== undefined) expect(sha256(bytes)).toBe(chunk.chunkDigest);
  return bytes;
}

test("the table of contents has the attributes of all entries", async () => {
  const { index } = await packed();
  const shown = index.toc.entries.filter(({ type, name }) => type !== "chunk" && !name.startsWith("a/many/"));
  const ofContent = new Set(["digest", "offset", "endOffset", "chunkSize", "chunkDigest"]);
  const plain = shown.map((entry) => Object.fromEntries(Object.entries(entry).filter(([key]) => !ofContent.has(key))));
  expect(plain).toMatchInlineSnapshot(`
    [
      {
        "mode": 493,
        "modtime": "1970-01-01T00:00:01Z",
        "name": "/",
        "type": "dir",
      },
      {
        "mode": 493,
        "modtime": "1970-01-01T00:00:01Z",
        "name": "a/",
        "type": "dir",
      },
      {
        "mode": 420,
        "modtime": "1970-01-01T00:00:01Z",
        "name": "a/large",
        "size": 4810003,
        "type": "reg",
      },
      {
        "mode": 420,
        "modtime": "1970-01-01T00:00:01Z",
        "name": "a/small",
        "size": 11,
        "type": "reg",
      },
      {
        "mode": 420,
        "modtime": "1970-01-01T00:00:01Z",
        "name": "a/zeros",
        "size": 5000,
        "type": "reg",
      },
      {
        "linkName": "ä",
        "mode": 511,
        "modtime": "1970-01-01T00:00:01Z",
        "name": "llllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllll",
        "type": "symlink",
      },
      {
        "devMajor": 1,
        "devMinor": 3,
        "mode": 438,
        "modtime": "1970-01-01T00:00:01Z",
        "name": "null",
        "type": "char",
      },
      {
        "linkName": "a/small",
        "mode": 2541,
        "modtime": "1970-01-01T00:00:01Z",
        "name": "same",
        "type": "hardlink",
      },
      {
        "gid": 8,
        "mode": 420,
        "modtime": "1969-12-31T23:59:54.75Z",
        "name": "text",
        "size": 2,
        "type": "reg",
        "uid": 7,
        "xattrs": {
          "user.a": "AOk=",
        },
      },
    ]
  `);
});

test("the tar-split and the files make the tar stream again, with one segment for each header", async () => {
  const { blob, index } = await packed();
  const parts = parseChunkedAnnotations(index.annotations);
  if (parts === undefined) throw new Error("the annotations have another form");
  const lines = unpacked(blob, parts.tarSplit).toString().trim().split("\n");
  const entries = lines.map((line) => JSON.parse(line) as { type: number; size?: number; payload: string | null });
  let at = 0;
  for (const { type, size = 0, payload } of entries) {
    if (type === 1) at += size;
    else {
      const bytes = Buffer.from(payload ?? "", "base64");
      expect(tar.subarray(at, at + bytes.length).equals(bytes)).toBe(true);
      at += bytes.length;
    }
  }
  expect(at).toBe(tar.length);
  const types = entries.map(({ type }) => type).join("");
  expect(types).toBe(`${"21".repeat(index.toc.entries.filter(({ type }) => type !== "chunk").length)}2`);
});
