import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { afterAll, describe, expect, test } from "vitest";
import { packedBytes, plainBytes } from "../../src/layer/bytes.ts";
import { digestLayer } from "../../src/layer/digest.ts";
import type { LayerContent } from "../../src/layer/recipe.ts";

const folder = mkdtempSync(join(tmpdir(), "imgc-blob-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

mkdirSync(join(folder, "tree"));
writeFileSync(join(folder, "tree/su"), "x".repeat(100_000), { mode: 0o755 });
execFileSync("chmod", ["4755", join(folder, "tree/su")]);
const tar = execFileSync("tar", ["-C", join(folder, "tree"), "--sort=name", "-cf", "-", "."]);
const PACK = { none: (bytes: Buffer) => bytes, gzip: gzipSync, zstd: zstdCompressSync };

const hash = (bytes: Buffer) => `sha256:${execFileSync("sha256sum", { input: bytes }).toString().slice(0, 64)}`;

async function all(pieces: AsyncIterable<Buffer> | Iterable<Buffer>): Promise<Buffer> {
  const copies: Buffer[] = [];
  for await (const piece of pieces) copies.push(Buffer.from(piece));
  return Buffer.concat(copies);
}

/** A blob in the middle of a file, as in an archive. */
function blobContent(bytes: Buffer, name: string): LayerContent {
  const file = join(folder, name);
  writeFileSync(file, Buffer.concat([Buffer.alloc(512, 1), bytes, Buffer.alloc(77, 2)]));
  return { paths: [], entries: [], permissions: [], blob: { file, offset: 512, size: bytes.length } };
}

describe.each(["none", "gzip", "zstd"] as const)("a blob with compression %s", (algorithm) => {
  const packed = PACK[algorithm](tar);
  const content = blobContent(packed, algorithm);
  const compression = { algorithm, level: null };

  test("is a registry's blob, and unpacks to its tar stream", async () => {
    expect(await all(packedBytes(content, compression))).toEqual(packed);
    expect(await all(plainBytes(content, compression))).toEqual(tar);
  });

  test("has a recipe with the digests of its bytes", async () => {
    const layer = await digestLayer("base", content, compression);
    expect(layer).toMatchObject({ digest: hash(packed), diffId: hash(tar), size: packed.length, diffSize: tar.length });
    expect(layer.special).toEqual([{ path: "/su", mode: 0o4755 }]);
  });
});

test("bytes that are not a layer are an error", async () => {
  const gzip = { algorithm: "gzip", level: null } as const;
  await expect(digestLayer("base", blobContent(tar, "plain"), gzip)).rejects.toThrow("incorrect header check");
  const cut = blobContent(gzipSync(tar).subarray(0, 50), "cut");
  await expect(digestLayer("base", cut, gzip)).rejects.toThrow("unexpected end of file");
  await expect(
    digestLayer("base", blobContent(Buffer.alloc(700, 7), "no-tar"), { ...gzip, algorithm: "none" }),
  ).rejects.toThrow("a header has an invalid number");
  await expect(
    digestLayer(
      "base",
      { ...blobContent(tar, "gone"), blob: { file: join(folder, "missing"), offset: 0, size: 9 } },
      gzip,
    ),
  ).rejects.toThrow("ENOENT");
});
