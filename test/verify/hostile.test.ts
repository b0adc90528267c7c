/** Hostile images, made to let a reader hang, run out of memory, or read other files. */
import { execFileSync } from "node:child_process";
import { readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { expect, test } from "vitest";
import { foundBase } from "../../src/builder/base/source.ts";
import { fileImages } from "../../src/image/any-image.ts";
import { encode } from "../../src/oci/documents.ts";
import { readImageDirectory } from "../../src/image/image-directory.ts";
import { verify } from "../../src/verify/verify.ts";
import { plainView, viewOf } from "../../src/serve/view.ts";
import { bomb, tarOf, type OddEntry } from "../fuzz/odd-layers.ts";
import { makeImage } from "../serve/image.ts";
import { TestLayout } from "../test-layout.ts";
import { folder } from "../e2e/tools.ts";
import { ImageError } from "../../src/oci/image-error.ts";
import { sha256 } from "../../src/oci/digest.ts";
import { INDEX_TYPE, MEDIA_TYPES } from "../../src/oci/media-types.ts";

const findings = async (path: string) => (await verify(path)).findings;
const layer = (entries: OddEntry[]) => ({ type: "none" as const, bytes: tarOf(entries) });

test("a layout without an image is a finding; other artifacts are checked by digest only", async () => {
  expect(await findings(new TestLayout().index([]).path)).toEqual(["index.json lists no image"]);
  const layout = new TestLayout();
  const spdx = Buffer.from("SPDXVersion: SPDX-2.3\n");
  const referrer = {
    schemaVersion: 2,
    mediaType: MEDIA_TYPES.oci.manifest,
    config: layout.blob("application/vnd.oci.empty.v1+json", Buffer.from("{}")),
    layers: [layout.blob("text/spdx", spdx)],
  };
  const artifact = layout.blob(MEDIA_TYPES.oci.manifest, encode(referrer));
  layout.index([layout.image(), artifact, layout.blob("text/plain", Buffer.from("no JSON"))]);
  expect(await findings(layout.path)).toEqual([]);
  layout.write(`blobs/${sha256(spdx).replace(":", "/")}`, "SPDXVersion: SPDX-9.9\n");
  expect(await findings(layout.path)).toEqual([expect.stringMatching(/^blob, digest: claimed /)]);
});

test("links in loops, pipes, devices and huge files are refused, not read", async () => {
  const layout = new TestLayout();
  layout.index([layout.image()]);
  for (const name of ["a", "b"]) symlinkSync(".", join(layout.path, name));
  expect(await findings(layout.path)).toEqual([]);
  const index = join(layout.path, "index.json");
  const replaced = async (make: () => void) => {
    rmSync(index);
    make();
    return await verify(layout.path).then(
      () => "nothing",
      (error: unknown) => (error instanceof ImageError ? error.message : String(error)),
    );
  };
  expect(await replaced(() => symlinkSync("/dev/zero", index))).toMatch(/index\.json is a link to \/dev\/zero; links/);
  expect(await replaced(() => symlinkSync("oci-layout", index))).toMatch(/index\.json is a link to oci-layout; links/);
  expect(await replaced(() => execFileSync("mkfifo", [index]))).toMatch(/index\.json is a pipe, not a file$/);
  const giant = () => {
    writeFileSync(index, "");
    truncateSync(index, 1.5e9);
  };
  expect(await replaced(giant)).toMatch(/has 1500000000 bytes; at most 4194304 are read$/);
  const nested = () => writeFileSync(index, "[".repeat(100_000));
  expect(await replaced(nested)).toMatch(/index\.json nests more than 64 deep$/);
  const many = () => writeFileSync(index, `[${"0,".repeat(2_000_000)}0]`);
  expect(await replaced(many)).toMatch(/index\.json has more than 1048576 values$/);
});

test("reading indexes with nesting, repetition or loops ends", async () => {
  const layout = new TestLayout();
  let top = layout.image();
  for (let i = 0; i < 6000; i++) top = layout.blob(INDEX_TYPE, encode({ schemaVersion: 2, manifests: [top] }));
  await expect(verify(layout.index([top]).path)).rejects.toThrow(/index\.json nests indexes more than 8 deep$/);
  const same = layout.image();
  expect(await verify(layout.index(Array<object>(5000).fill(same)).path)).toMatchObject({
    findings: [],
    digests: [same.digest],
  });
  await expect(verify(layout.index(Array<object>(10_001).fill(same)).path)).rejects.toThrow("more than 10000 entries");
});

test("a layer with the media type of another compression is read, and reported", async () => {
  const layout = new TestLayout();
  const tar = tarOf([{ type: "0", name: "hello", contents: Buffer.from("hello") }]);
  const image = layout.image([
    { type: "gzip", bytes: zstdCompressSync(tar), diffId: sha256(tar) },
    { type: "zstd", bytes: tar, diffId: sha256(tar) },
    { type: "gzip", bytes: gzipSync(tar), diffId: sha256(tar) },
  ]);
  const { path } = layout.index([image]);
  expect(await findings(path)).toEqual([
    "layer 1 is compressed with zstd, but its media type names gzip",
    "layer 2 is not compressed, but its media type names zstd",
  ]);
  using opened = await fileImages(path);
  for (const { stream, diffId } of opened.images[0]?.layers ?? []) {
    const pieces: Buffer[] = [];
    for await (const piece of stream()) pieces.push(Buffer.from(piece));
    expect(sha256(Buffer.concat(pieces))).toBe(diffId);
  }
  const base = await foundBase(path, "layout", "linux/amd64", "");
  expect(base.layers.map(({ algorithm }) => algorithm)).toEqual(["zstd", "none", "gzip"]);
});

test("a layer that cannot be read is the only finding about the layer", async () => {
  const layout = new TestLayout();
  const only = layer([]);
  layout.index([layout.image([only])]);
  const path = `blobs/${sha256(only.bytes).replace(":", "/")}`;
  rmSync(join(layout.path, path));
  execFileSync("mkfifo", [join(layout.path, path)]);
  expect(await findings(layout.path)).toEqual([
    expect.stringMatching(/^layer 1 cannot be read: .* is a pipe, not a file$/),
  ]);
});

test("decompressing a layer bomb stops early, and a hundred images with it take no longer than one", async () => {
  const layout = new TestLayout();
  const packed = bomb("zstd", 24, 250 << 20);
  const images = Array.from({ length: 100 }, (_, i) =>
    layout.image([{ type: "zstd", bytes: packed, diffId: sha256(Buffer.from([i])) }]),
  );
  const report = await verify(layout.index(images).path);
  expect(report.findings.join("\n")).toMatch(
    /layer 1 cannot be read: \d+ bytes decompress to more than \d+, too many for a real layer$/m,
  );
  expect(report.layers).toBe(100);
  expect(report.size).toBeLessThan(300 << 20);
});

test("after 1000 findings, no further image is read", async () => {
  const invalid = layer(Array.from({ length: 1100 }, (_, i) => ({ type: "0", name: `../${i}` })));
  const layout = new TestLayout();
  const report = await verify(layout.index([layout.image([invalid]), layout.image([layer([]), layer([])])]).path);
  expect(report.findings).toHaveLength(1001);
  expect(report.findings.at(-1)).toBe("there are more than 1000 findings");
  expect(report.layers).toBe(1);
});

test("an image directory whose documents list other layers than its recipes is not sent", async () => {
  const made = async () => await makeImage(folder(), "image", { layers: { a: "1", b: "2" } });
  const damage: ((path: string) => void)[] = [
    (path) => rmSync(join(path, "layers/001.json")),
    (path) => writeFileSync(join(path, "layers/002.json"), readFileSync(join(path, "layers/000.json"))),
    (path) =>
      writeFileSync(
        join(path, "config.json"),
        readFileSync(join(path, "config.json"), "utf8").replace("amd64", "arm64"),
      ),
  ];
  for (const change of damage) {
    const path = await made();
    expect(viewOf(readImageDirectory(path)).blobs.size).toBe(3);
    change(path);
    for (const view of [viewOf, plainView])
      expect(() => view(readImageDirectory(path))).toThrow(
        /manifest, config and layers do not fit together; `imgc verify`/,
      );
  }
});

test("hard links to folders are findings, not endless trees", async () => {
  const layout = new TestLayout();
  const entries = [
    { type: "5", name: "a" },
    { type: "1", name: "a/b", target: "a" },
  ];
  layout.index([layout.image([layer(entries)])]);
  expect(await findings(layout.path)).toEqual(["layer 1: the entry a/b is a hard link to a, which is a directory"]);
});

test("links of an image directory are followed only to paths of its store", async () => {
  const root = folder();
  const image = await makeImage(root, "image", { layers: { app: "data" } });
  const recipe = join(image, "layers/000.json");
  const inStore = join(root, `nix/store/${"3".repeat(32)}-layer.json`);
  execFileSync("mv", [recipe, inStore]);
  symlinkSync(`../../${"3".repeat(32)}-layer.json`, recipe);
  expect(readImageDirectory(image).layers).toHaveLength(1);
  for (const target of ["/etc/passwd", "../../../../etc/passwd", "../image.json", "000.json"]) {
    rmSync(recipe);
    symlinkSync(target, recipe);
    expect(() => readImageDirectory(image)).toThrow(`is a link to ${target}; links are followed only between`);
  }
  const copy = join(root, "copy");
  rmSync(recipe);
  symlinkSync(`../../${"3".repeat(32)}-layer.json`, recipe);
  execFileSync("cp", ["-a", image, copy]);
  expect(() => readImageDirectory(copy)).toThrow("(copy an image out of a store with `cp -RL`)");
  rmSync(copy, { recursive: true });
  execFileSync("cp", ["-RL", image, copy]);
  expect(readImageDirectory(copy).layers).toHaveLength(1);
});

test("an image cannot choose the folder that is the store", async () => {
  const root = folder();
  const image = await makeImage(root, "image", { layers: { app: "data" } });
  for (const name of ["image.json", "layers/000.json"]) {
    const path = join(image, name);
    writeFileSync(path, readFileSync(path, "utf8").replaceAll("/nix/store", join(root, "nix/store")));
  }
  const refused = new RegExp(`the image's store ${root}/nix/store is not the store of this machine`);
  expect(() => readImageDirectory(image)).toThrow(refused);
  await expect(verify(image)).rejects.toThrow(refused);
});
