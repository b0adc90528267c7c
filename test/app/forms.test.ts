/** An image in two forms in the commands that take one image. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { exportImages } from "../../src/app/export.ts";
import { openImage, openImages } from "../../src/app/open-image.ts";
import { readIndexDirectory, type IndexDirectory } from "../../src/image/index-directory.ts";
import { sha256 } from "../../src/oci/digest.ts";
import { Index } from "../../src/oci/documents.ts";
import { LayerPool } from "../../src/serve/layer-pool.ts";
import { WatchedRepositories } from "../../src/serve/repositories.ts";
import { viewForServe } from "../../src/serve/view.ts";
import { verify } from "../../src/verify/verify.ts";
import { makeForms, makeImage } from "../serve/image.ts";

const root = mkdtempSync(join(tmpdir(), "imgc-forms-"));
afterAll(() => rmSync(root, { recursive: true }));

let path: string;
let index: IndexDirectory;
let digests: string[];
const LAYERS = { one: "first ".repeat(999), two: "second" };
beforeAll(async () => {
  path = await makeForms(root, "forms", { layers: LAYERS });
  index = readIndexDirectory(path);
  digests = index.parts.map(({ digest }) => digest);
});

test("commands for a single image take the gzip form; both forms are opened for a push", () => {
  expect(sha256(openImage(path).manifestBytes)).toBe(digests[0]);
  expect(openImages(path).map(({ manifestBytes }) => sha256(manifestBytes))).toEqual(digests);
});

async function exported(to: "oci" | "oci-archive" | "docker-archive"): Promise<string> {
  const output = join(root, to);
  const { signal } = new AbortController();
  await exportImages([openImages(path)], { to, output, signal, note: () => {}, onLayer: () => {} });
  return output;
}

test.each(["oci", "oci-archive"] as const)("an export as %s lists the index of both forms", async (to) => {
  const output = await exported(to);
  const { findings, digests: found, layers, index: listed } = await verify(output);
  expect({ findings, found, layers, listed }).toEqual({
    findings: [],
    found: digests,
    layers: 2,
    listed: sha256(index.bytes),
  });
  const directory = await verify(path);
  expect(directory.layers).toBe(2);
  // The forms have the same contents.
  const gzip = await verify((index.images[0] as IndexDirectory["images"][number]).path);
  expect([directory.paths, directory.size]).toEqual([gzip.paths, gzip.size]);
  if (to !== "oci") return;
  const { manifests } = Index.parse(JSON.parse(readFileSync(join(output, "index.json"), "utf8")));
  expect(manifests.map(({ digest }) => digest)).toEqual([sha256(index.bytes)]);
});

test("a Docker archive has the layers once, without compression", async () => {
  const { findings, layers } = await verify(await exported("docker-archive"));
  expect({ findings, layers }).toEqual({ findings: [], layers: 2 });
});

test("a server sends the built index, under the tag of the index", async () => {
  await using _ = new LayerPool();
  const served = new WatchedRepositories(
    index.images.map((image) => image.path),
    viewForServe,
  );
  expect(served.names()).toEqual(["test/app:v1"]);
  const repository = served.repositories().get("test/app");
  expect(repository?.tags.get("v1")?.bytes).toEqual(index.bytes);
  expect([...(repository?.manifests.keys() ?? [])].toSorted()).toEqual([sha256(index.bytes), ...digests].toSorted());

  // Without a tag in the description, the tag is a prefix of the digest.
  const digestTag = (digest: string) => digest.slice("sha256:".length).slice(0, 32);
  const byDigest = new WatchedRepositories(
    index.images.map((image) => image.path),
    (image) => {
      const view = viewForServe(image);
      return { ...view, tag: digestTag(view.manifest.digest) };
    },
  );
  expect(byDigest.names()).toEqual([`test/app:${digestTag(sha256(index.bytes))}`]);
});

test("images of one platform from two builds are not served as forms", async () => {
  const others = [
    await makeImage(root, "alone-gzip", { layers: LAYERS, algorithm: "gzip" }),
    await makeImage(root, "alone-zstd", { layers: LAYERS }),
  ];
  expect(() => new WatchedRepositories(others, viewForServe)).toThrow("are both test/app:v1");
});
