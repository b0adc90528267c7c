/** Layers whose compressed bytes the build kept: which bytes a push sends, and which files it needs. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readImageDirectory, type ImageDirectory } from "../../src/image/image-directory.ts";
import { withKeptBlobs } from "../../src/image/kept-blobs.ts";
import type { Layer } from "../../src/layer/recipe.ts";
import { prepare } from "../../src/publish/prepare.ts";
import { layerBytes } from "../../src/serve/layer-bytes.ts";
import { LayerPool } from "../../src/serve/layer-pool.ts";
import { isLayer } from "../../src/serve/view.ts";
import { sha256 } from "../../src/oci/digest.ts";
import { verify } from "../../src/verify/verify.ts";
import { makeImage } from "../serve/image.ts";

let root: string;
let path: string;
let image: ImageDirectory;
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "imgc-test-"));
  path = await makeImage(root, "kept", { keepBlobs: true, layers: { one: "first ".repeat(9999), two: "second" } });
  image = readImageDirectory(path);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const fileOf = (layer: Layer | undefined) => root + (layer?.blobFile ?? "");
const remove = (file: string) => rmSync(file, { recursive: true });

test("the kept bytes are the blob", () => {
  for (const layer of image.layers) expect(sha256(readFileSync(fileOf(layer)))).toBe(layer.digest);
});

test("a layer is read from the kept bytes; without them, its bytes are made if its store paths are here", () => {
  const [first, second] = withKeptBlobs(image).layers;
  expect(first?.content.blob?.file).toBe(image.layers[0]?.blobFile);
  const bytes = readFileSync(fileOf(second));
  remove(fileOf(image.layers[1]));
  expect(withKeptBlobs(image).layers[1]).toBe(image.layers[1]);
  writeFileSync(fileOf(image.layers[1]), bytes);
});

test("if another compressor made the layers, their kept bytes are sent, and the digest stays", async () => {
  const foreign = { ...image, layers: image.layers.map((layer) => ({ ...layer, compressor: "zstd 0.0.1" })) };
  await using pool = new LayerPool();
  const notes: string[] = [];
  const view = await prepare(
    foreign,
    pool,
    async () => {},
    (note) => notes.push(note),
  );
  expect(notes).toEqual([]);
  expect(view.manifest.bytes).toEqual(image.manifestBytes);
  const sent: string[] = [];
  for (const blob of [...view.blobs.values()].filter(isLayer)) {
    const pieces: Buffer[] = [];
    for await (const piece of layerBytes(blob)) pieces.push(piece);
    sent.push(sha256(Buffer.concat(pieces)));
  }
  expect(sent).toEqual(image.layers.map(({ digest }) => digest));
});

test("verify compares the kept bytes with the digest", async () => {
  expect((await verify(path, { deep: false })).findings).toEqual([]);
  const file = fileOf(image.layers[1]);
  const bytes = readFileSync(file);
  writeFileSync(file, "other bytes");
  expect((await verify(path, { deep: false })).findings).toEqual([
    expect.stringContaining(`kept bytes in ${image.layers[1]?.blobFile}`),
  ]);
  writeFileSync(file, bytes);
});

test("a recipe cannot name a file outside the store as its kept bytes", async () => {
  const [first] = image.layers;
  const recipe = join(path, "layers/000.json");
  const text = readFileSync(recipe, "utf8");
  writeFileSync(recipe, text.replace(String(first?.blobFile), "/etc/hostname"));
  expect(() => readImageDirectory(path)).toThrow("/etc/hostname is not in the store");
  writeFileSync(recipe, text);
});

test("if neither the kept bytes nor the store paths are here, the kept bytes are fetched", () => {
  const [first] = image.layers;
  remove(fileOf(first));
  remove(root + first?.content.paths[0]);
  expect(withKeptBlobs(image).layers[0]?.content.blob?.file).toBe(first?.blobFile);
});
