/** An image in two forms in the commands that take one image. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { distinctNames, exportImages } from "../../src/app/export.ts";
import { openImage, openImages } from "../../src/app/open-image.ts";
import { readIndexDirectory, type IndexDirectory } from "../../src/image/index-directory.ts";
import { Index } from "../../src/oci/documents.ts";
import { LayerPool } from "../../src/serve/layer-pool.ts";
import { WatchedRepositories } from "../../src/serve/repositories.ts";
import { viewForServe } from "../../src/serve/view.ts";
import { verify } from "../../src/verify/verify.ts";
import { holdsSeveral, verifyWithExpectations } from "../../src/app/verify.ts";
import { sha256, toHex } from "../../src/oci/digest.ts";
import { fakeTool } from "../fake-tool.ts";
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

async function exported(
  to: "oci" | "oci-archive" | "docker-archive",
  images = [openImages(path)],
  id = "",
): Promise<string> {
  const output = join(root, `${to}${id}`);
  const { signal } = new AbortController();
  await exportImages(images, { to, output, signal, note: () => {}, onLayer: () => {} });
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

const digestTag = (digest: string) => digest.slice("sha256:".length).slice(0, 32);

test("without a tag in the description, archives and layouts have the tag of a push", async () => {
  const forms = openImages(path).map((image) => {
    const file = { ...image.file, tag: digestTag(sha256(image.manifestBytes)) };
    return { ...image, file };
  });
  const name = `test/app:${digestTag(sha256(index.bytes))}`;
  expect(distinctNames([forms])).toEqual([name]);
  expect(await verify(await exported("docker-archive", [forms], "-untagged"))).toMatchObject({
    findings: [],
    names: [name],
    images: 1,
  });
  expect(await verify(await exported("oci", [forms], "-untagged"))).toMatchObject({
    findings: [],
    names: [`${name}, gzip form`, `${name}, zstd form`],
    images: 1,
  });
});

test("the digests and findings of a layout with several images have names", async () => {
  const web = openImage(await makeImage(root, "web", { name: "test/web", layers: { three: "third" } }));
  const layout = await exported("oci", [openImages(path), [web]], "-several");
  expect(await verify(layout)).toMatchObject({
    findings: [],
    names: ["test/app:v1, gzip form", "test/app:v1, zstd form", "test/web:v1"],
    digests: [...digests, sha256(web.manifestBytes)],
    images: 2,
  });
  const archive = await exported("docker-archive", [openImages(path), [web]], "-several");
  expect(await verify(archive)).toMatchObject({ findings: [], names: ["test/app:v1", "test/web:v1"], images: 2 });
  writeFileSync(join(layout, "blobs/sha256", toHex(web.layers[0]?.digest ?? "")), "damaged");
  const { findings } = await verify(layout);
  expect(findings.at(-1)).toMatch(/cannot be read/);
  for (const finding of findings) expect(finding).toMatch(/^test\/web:v1: layer 1 \(three\) /);
});

test("the commands of `expect run` run once for the forms of a layout", async () => {
  const at = fakeTool(
    "podman",
    `if (args[0] === "load") fs.readFileSync(0);
if (args[0] === "--log-level") fs.appendFileSync(at + "/runs", "run\\n");`,
  );
  const run = [{ command: ["/bin/app", "--check"], exit: 0, stdout: null }];
  const images = openImages(path).map((image) => {
    const file = { ...image.file, expect: { ...image.file.expect, run } };
    return { ...image, file };
  });
  const layout = await exported("oci", [images], "-run");
  const { signal } = new AbortController();
  const options = { deep: false, onStep: () => {}, onLayer: () => {}, signal: () => signal };
  const report = await verifyWithExpectations(layout, options);
  expect([report.findings, holdsSeveral(report)]).toEqual([[], false]);
  expect(readFileSync(join(at, "runs"), "utf8")).toBe("run\n");
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
