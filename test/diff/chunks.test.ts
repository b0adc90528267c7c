import { createHash } from "node:crypto";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { chunkedPull, RANGE_HEADERS } from "../../src/diff/chunks.ts";
import { compareAll } from "../../src/diff/compare.ts";
import { directoryImages, fileImages, type AnyLayer } from "../../src/image/any-image.ts";
import { readImageDirectory } from "../../src/image/image-directory.ts";
import type { TocEntry } from "../../src/layer/chunked/toc.ts";
import { exportFiles, writeFolder } from "../../src/publish/export.ts";
import { LayerPool } from "../../src/serve/layer-pool.ts";
import { viewOf } from "../../src/serve/view.ts";
import { ownFolder } from "../../src/util/temporary.ts";
import { makeImage } from "../serve/image.ts";

const TABLES = 300 + 2 * RANGE_HEADERS;

/** A layer with these entries in its table of contents. Its tables have 300 bytes. */
function layer(entries: TocEntry[]): AnyLayer {
  const parts = {
    tocDigest: "",
    toc: { offset: 1_000_000, length: 200, plainLength: 0 },
    tarSplit: { offset: 1_000_200, length: 100, plainLength: 0 },
  };
  const digests = entries.flatMap(({ digest, chunkDigest }) => [digest ?? "", chunkDigest ?? ""]);
  return {
    ...plain(1_000_300),
    chunks: {
      isMade: false,
      table: () => Promise.resolve({ toc: { version: 1, entries }, parts }),
      digests: () => Promise.resolve(new Set(digests)),
    },
  };
}

function plain(size: number): AnyLayer {
  return { name: "layer", digest: "sha256:0", size, diffId: "sha256:0", stream: () => [] };
}

const file = (name: string, offset: number, endOffset: number): TocEntry => ({
  type: "reg",
  name,
  size: 10,
  digest: name,
  offset,
  endOffset,
});

const pull = async (before: AnyLayer[], after: AnyLayer[]) =>
  await chunkedPull(before, after, { signal: undefined, onStep: () => {} });

test("files and chunks that the client has are not counted, nor are zeros", async () => {
  const parts = (second: string): TocEntry[] => [
    { ...file(`${second} file`, 10, 5000), chunkSize: 3, chunkDigest: "first" },
    { type: "chunk", name: "", offset: 1000, chunkOffset: 3, chunkSize: 3, chunkDigest: second },
    { type: "chunk", name: "", offset: 3000, chunkOffset: 6, chunkSize: 4, chunkDigest: "zeros", chunkType: "zeros" },
  ];
  const before = [layer([file("same", 10, 20), ...parts("old")])];
  const after = [layer([...parts("new"), file("same", 5000, 6000), file("other", 6000, 6500)])];
  const chunks = TABLES + 2000 + 500 + 2 * RANGE_HEADERS;
  expect(await pull(before, after)).toEqual({ chunks, files: chunks + 990 });
  const all = TABLES + 2990 + 1500 + 2 * RANGE_HEADERS;
  expect(await pull([], after)).toEqual({ chunks: all, files: all });
});

test("layers without chunks count as a whole; without any chunks, nothing is computed", async () => {
  const one = layer([file("a", 0, 10)]);
  expect(await pull([plain(5)], [one, plain(7)])).toEqual({ chunks: TABLES + 17, files: TABLES + 17 });
  expect(await pull([one], [plain(7)])).toBeUndefined();
});

test("small gaps are fetched, and with many ranges the smallest ones", async () => {
  const spaced = (count: number, gap: (i: number) => number) => {
    let at = 0;
    return Array.from({ length: count }, (_, i) => {
      const entry = file(`${i}`, at, at + 10);
      at += 10 + gap(i);
      return entry;
    });
  };
  expect(await pull([], [layer(spaced(2, () => 128))])).toMatchObject({ chunks: TABLES + 148 });
  expect(await pull([], [layer(spaced(2, () => 129))])).toMatchObject({ chunks: TABLES + 20 + 2 * RANGE_HEADERS });
  const found = await pull([], [layer(spaced(1026, (i) => (i < 3 ? 200 : 300)))]);
  expect(found).toMatchObject({ chunks: TABLES + 10_260 + 3 * 200 + 1023 * RANGE_HEADERS });
});

const noise = (seed: string) =>
  Buffer.concat(Array.from({ length: 10_000 }, (_, i) => createHash("sha256").update(`${seed}${i}`).digest()));

test("image directories and layouts give the same numbers", async () => {
  const root = ownFolder("imgc-test-");
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  await using pool = new LayerPool();
  const made = async (id: string, data: Buffer) => {
    const path = await makeImage(root, id, { chunked: true, layers: { [`${id}-app`]: data } });
    const image = { ...readImageDirectory(path), root };
    const layout = join(root, `layout-${id}`);
    const form = exportFiles([{ image, view: viewOf(image) }], "oci", { pool, onLayer: () => {} });
    await writeFolder(form, layout, new AbortController().signal);
    return { image, layout };
  };
  const one = await made("b0", Buffer.concat([noise("a"), noise("b")]));
  const two = await made("b1", Buffer.concat([noise("a"), noise("c"), noise("b")]));
  const steps: string[] = [];
  const options = { onStep: (step: string) => void steps.push(step) };
  const found = await compareAll(directoryImages([one.image]), directoryImages([two.image]), options);
  if (!("pull" in found)) expect.fail("several platforms");
  const { bytes, chunked } = found.pull;
  expect(chunked?.files).toBeGreaterThan(0.99 * bytes);
  // A third of the file is new, and at most two chunks around it.
  expect(chunked?.chunks).toBeGreaterThan(bytes / 3);
  expect(chunked?.chunks).toBeLessThan(bytes / 3 + 600_000);
  expect(steps).toEqual(["computing the chunks of 2 layers"]);
  using before = await fileImages(one.layout);
  using after = await fileImages(two.layout);
  expect(await compareAll(before, after, options)).toMatchObject({ pull: { chunked } });
  expect(steps).toHaveLength(1);
});

test("a layer whose chunks cannot be read is named", async () => {
  const broken = layer([]);
  if (broken.chunks !== undefined) broken.chunks.table = () => Promise.reject(new Error("it is damaged"));
  await expect(pull([], [broken])).rejects.toThrow("the chunks of layer cannot be read: it is damaged");
});
