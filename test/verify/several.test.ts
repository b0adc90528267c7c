/** Several images in one layout or archive: written, listed and verified together. */
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, onTestFinished, test } from "vitest";
import { namingIndex, type ExportFile } from "../../src/image/export.ts";
import { fileImages } from "../../src/image/any-image.ts";
import { encode, Index } from "../../src/oci/documents.ts";
import { checksumLines, SHA256SUMS } from "../../src/image/checksums.ts";
import type { ImageFile } from "../../src/image/image-file.ts";
import { readImageDirectory } from "../../src/image/image-directory.ts";
import { MAX_DOCUMENT } from "../../src/oci/documents.ts";
import { verify } from "../../src/verify/verify.ts";
import { archive, exportFiles, writeFolder, type Form } from "../../src/publish/export.ts";
import { LayerPool } from "../../src/serve/layer-pool.ts";
import { viewOf } from "../../src/serve/view.ts";
import { ownFolder } from "../../src/util/temporary.ts";
import { makeImage, type TestImage } from "../serve/image.ts";
import { sha256 } from "../../src/oci/digest.ts";
import { INDEX_TYPE } from "../../src/oci/media-types.ts";

type Files = Exclude<Form, "tar">;
const FORMS: Files[] = ["oci-archive", "docker-archive"];

/** Two images that share a layer. */
const API: TestImage = { name: "shop/api", layers: { libc: "c", api: "the api" } };
const WORKER: TestImage = { name: "shop/worker", layers: { libc: "c", worker: "the worker" } };

function folder(): string {
  const path = ownFolder("imgc-test-");
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** Shared by the tests: starting a thread takes longer than making these layers. */
const pool = new LayerPool();
afterAll(async () => await pool[Symbol.asyncDispose]());

async function exported(form: Files, ...described: TestImage[]): Promise<{ files: ExportFile[]; layers: string[] }> {
  const root = folder();
  const layers: string[] = [];
  const viewed = [];
  for (const [i, each] of described.entries()) {
    const image = { ...readImageDirectory(await makeImage(root, `image-${i}`, each)), root };
    viewed.push({ image, view: viewOf(image) });
  }
  return { files: exportFiles(viewed, form, { pool, onLayer: ({ title }) => layers.push(title) }), layers };
}

/** The same images with a description larger than the limit of manifests. */
function wordy(files: ExportFile[]): ExportFile[] {
  const [first, second] = documentOf(files, "images.json") as ImageFile[];
  if (first === undefined || second === undefined) throw new Error("two images are written");
  const path = first.closure[0]?.path ?? "";
  const description = "x".repeat(MAX_DOCUMENT);
  const rest = { name: "libc", version: "1", output: "out", licenses: [], homepage: null };
  const bytes = encode([{ ...first, metadata: [{ ...rest, path, description }] }, second]);
  return files.map((file) => {
    if (file.name === "images.json") return { ...file, size: bytes.length, bytes };
    if (file.name !== SHA256SUMS) return file;
    const sums = (file.bytes as Buffer)
      .toString()
      .replace(/^.*  images\.json$/m, checksumLines([["images.json", bytes]]).trim());
    return { ...file, bytes: Buffer.from(sums) };
  });
}

async function inFile(files: ExportFile[]): Promise<string> {
  const path = join(folder(), "images.tar");
  const pieces: Buffer[] = [];
  for await (const piece of archive(files)) pieces.push(Buffer.from(piece));
  writeFileSync(path, Buffer.concat(pieces));
  return path;
}

function documentOf(files: ExportFile[], name: string): unknown {
  const bytes = files.find((each) => each.name === name)?.bytes;
  if (!Buffer.isBuffer(bytes)) throw new Error(`${name} is not among the files`);
  return JSON.parse(bytes.toString());
}

for (const form of FORMS) {
  test(`${form}: it contains all images, and a layer that they share once`, async () => {
    const { files, layers } = await exported(form, API, WORKER);
    const path = await inFile(files);
    expect(layers).toHaveLength(3);
    const report = await verify(path);
    expect(report).toMatchObject({ findings: [], layers: 4 });
    expect(report.digests).toHaveLength(2);
    using read = await fileImages(path);
    expect(read.images.map(({ layers: each }) => each.length)).toEqual([2, 2]);
  });

  test(`${form}: descriptions larger than the limit of manifests are read`, async () => {
    const { files } = await exported(form, API, WORKER);
    expect((await verify(await inFile(wordy(files)))).findings).toEqual([]);
  });

  test(`${form}: images of the same content keep both names`, async () => {
    const { files } = await exported(form, API, { ...API, tag: "v2" });
    expect(new Set(files.map(({ name }) => name)).size).toBe(files.length);
    const path = folder();
    await writeFolder(files, path, new AbortController().signal);
    expect(await verify(path)).toMatchObject({ findings: [], layers: 4 });
    // Both descriptions are checked.
    const [first, second] = documentOf(files, "images.json") as [object, { expect: object }];
    const tooLarge = { ...second.expect, size: [{ operator: "<", value: 1 }] };
    writeFileSync(join(path, "images.json"), encode([first, { ...second, expect: tooLarge }]));
    expect((await verify(path)).findings.filter((each) => !each.includes("SHA256SUMS"))).toHaveLength(1);
  });

  test(`${form}: the descriptions must match the images`, async () => {
    const { files } = await exported(form, API, WORKER);
    const path = folder();
    await writeFolder(files, path, new AbortController().signal);
    expect((await verify(path)).findings).toEqual([]);
    const [api] = documentOf(files, "images.json") as object[];
    writeFileSync(join(path, "images.json"), encode([api as object]));
    expect((await verify(path)).findings).toContainEqual(expect.stringContaining("number of images"));
    writeFileSync(join(path, "images.json"), encode([api as object, api as object]));
    const doubled = (await verify(path)).findings.join("\n");
    expect(doubled).toMatch(
      form === "docker-archive" ? /tags.*shop\/worker:v1/ : /index.json differs from the index that imgc writes for/,
    );
  });
}

test("a Docker archive has each image's full name; a layout has full names of several images, or the tag of one", async () => {
  const docker = await exported("docker-archive", API, WORKER);
  const entries = documentOf(docker.files, "manifest.json") as { RepoTags: string[] }[];
  expect(entries.map(({ RepoTags }) => RepoTags)).toEqual([["shop/api:v1"], ["shop/worker:v1"]]);
  const names = async (...images: TestImage[]) => {
    const { manifests } = Index.parse(documentOf((await exported("oci", ...images)).files, "index.json"));
    return manifests.map((each) => (each as { annotations?: Record<string, string> }).annotations);
  };
  const [ref, full] = ["org.opencontainers.image.ref.name", "io.containerd.image.name"];
  expect(await names(API)).toEqual([{ [ref]: "v1", [full]: "shop/api:v1" }]);
  expect(await names(API, WORKER)).toEqual([
    { [ref]: "shop/api:v1", [full]: "shop/api:v1" },
    { [ref]: "shop/worker:v1", [full]: "shop/worker:v1" },
  ]);
});

test("a layout's description does not cover an image behind another index", async () => {
  const { files } = await exported("oci", API);
  const path = folder();
  await writeFolder(files, path, new AbortController().signal);
  const index = readFileSync(join(path, "index.json"));
  const blob = sha256(index);
  writeFileSync(join(path, "blobs", blob.replace(":", "/")), index);
  const naming = namingIndex([{ called: { name: "shop/api", tag: "v1" }, mediaType: INDEX_TYPE, manifest: index }]);
  writeFileSync(join(path, "index.json"), naming);
  expect((await verify(path)).findings).toContainEqual(expect.stringContaining("does not describe the image"));
});
