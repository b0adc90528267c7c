import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import type { Difference, Differences } from "../../src/diff/compare.ts";
import { readImageDirectory, type ImageDirectory } from "../../src/image/image-directory.ts";
import { proxy } from "./proxy.ts";
import { build, failure, files, folder, imgc, registry } from "./tools.ts";
import { INDEX_TYPE } from "../../src/oci/media-types.ts";

const stamp = `${Date.now()}`;
const spec = (app: string) =>
  files({
    "diff.imgspec": `image "test/diff" {
      tag "v1"
      packages [ hello ]
      store [ nix ''writeText "diff-app" "${stamp} ${app}"'' ]
      files { "/etc/motd" text "${app}" }
    }`,
  });
let first: string;
let second: string;
let images: [ImageDirectory, ImageDirectory];
const json = async (...args: string[]) =>
  JSON.parse((await imgc("diff", ...args, "--json", "--insecure")).stdout) as Difference;

beforeAll(async () => {
  first = (await build(spec("one"))).path;
  second = (await build(spec("two, and more"))).path;
  images = [readImageDirectory(first), readImageDirectory(second)];
});

test("shows differing layers, store paths and files, and the bytes to pull", async () => {
  const difference = await json(first, second);
  expect(difference.layers.same).toBe(images[1].layers.length - 2);
  expect(difference.paths.added).toEqual([expect.stringContaining("-diff-app")]);
  expect(difference.paths.removed).toEqual([expect.stringContaining("-diff-app")]);
  // Files of a rebuilt path match: names are compared without hashes.
  expect(difference.files).toEqual([
    { name: "/etc/motd", before: 3, after: 13 },
    { name: "/nix/store/diff-app", before: stamp.length + 4, after: stamp.length + 14 },
  ]);
  const [was, is] = images.map(({ layers }) => layers) as [ImageDirectory["layers"], ImageDirectory["layers"]];
  const fresh = is.filter(({ digest }) => was.every((layer) => layer.digest !== digest));
  const documents = images[1].manifestBytes.length + images[1].configBytes.length;
  expect(difference.pull).toMatchObject({
    bytes: documents + fresh.reduce((sum, { size }) => sum + size, 0),
    layers: 2,
  });
  expect(await json(first, first)).toMatchObject({ files: [], pull: { bytes: 0, layers: 0 } });
});

test("directories, specs, layouts, archives and registries give the same result; verify also takes a registry", async () => {
  const expected = await json(first, second);
  const archive = join(folder(), "image.tar");
  await imgc("export", first, "--to", "oci-archive", "-o", archive);
  const address = await registry();
  await imgc("push", second, `${address}/diff:v2`, "--insecure");
  expect(await json(spec("one"), (await build(spec("two, and more"), { attribute: "oci" })).path)).toEqual(expected);
  expect(await json(archive, `${address}/diff:v2`)).toEqual(expected);
  const { stdout } = await imgc("verify", `${address}/diff:v2`, "--insecure", "--deep");
  expect(stdout).toContain(expected.after);

  const { stdout: words } = await imgc("diff", first, second);
  expect(words).toMatch(/^ {2}~ \/etc\/motd, 3 B -> 13 B$/m);
  expect(words).toMatch(/^to pull .* 2 layers$/m);
  expect(words.split("\n").filter((line) => line.length > 80)).toEqual([]);
});

test("only differing layers are fetched from registries", async () => {
  const { address, asked } = await proxy(await registry());
  const [before, after] = [`${address}/diff:v1`, `${address}/diff:v2`];
  for (const [image, to] of [
    [first, before],
    [second, after],
  ] as const)
    await imgc("push", image, to, "--insecure");
  const fetched = () =>
    asked
      .splice(0)
      .flatMap(({ method, url }) => (method === "GET" ? (/blobs\/(sha256:\w+)/.exec(url)?.[1] ?? []) : []));
  fetched();
  const expected = await json(first, second);
  const [was, is] = images.map(({ layers }) => layers.map(({ digest }) => digest)) as [string[], string[]];
  const [gone, fresh] = [was.filter((digest) => !is.includes(digest)), is.filter((digest) => !was.includes(digest))];
  const layers = (digests: string[]) => digests.filter((digest) => [...was, ...is].includes(digest)).toSorted();
  expect(await json(before, after)).toEqual(expected);
  expect(layers(fetched())).toEqual([...gone, ...fresh].toSorted());
  expect(await json(first, after)).toEqual(expected);
  expect(layers(fetched())).toEqual(fresh.toSorted());
  expect(await json(after, after)).toMatchObject({ files: [], pull: { bytes: 0, layers: 0 } });
  expect(layers(fetched())).toEqual([]);
});

test("layers of a Docker archive are compared by diff ID", async () => {
  const { layers, paths, files: changed } = await json(first, second);
  const archives = await Promise.all(
    [first, second].map(async (image) => {
      const archive = join(folder(), "image.tar");
      await imgc("export", image, "--to", "docker-archive", "-o", archive);
      return archive;
    }),
  );
  const [before = "", after = ""] = archives;
  const added = images[1].layers.filter(({ diffId }) => images[0].layers.every((layer) => layer.diffId !== diffId));
  const plain = images[1].configBytes.length + added.reduce((sum, { diffSize }) => sum + diffSize, 0);
  const packed = images[1].manifestBytes.length + images[1].configBytes.length;
  for (const [one, other, bytes] of [
    [before, after, plain],
    [first, after, plain],
    [before, second, added.reduce((sum, { size }) => sum + size, packed)],
  ] as const) {
    const difference = await json(one, other);
    expect(difference).toMatchObject({ paths, files: changed, pull: { bytes, layers: 2 } });
    expect(difference.layers).toMatchObject({
      same: layers.same,
      added: added.map(({ diffId: digest }) => ({ digest })),
    });
  }
  expect(await json(before, first)).toMatchObject({ files: [], pull: { bytes: 0, layers: 0 } });
});

test("images for several platforms are compared by platform, from any source", async () => {
  const several = (app: string, platforms = "linux/amd64 linux/arm64") =>
    files({
      "several.imgspec": `image "test/diff-several" {
        tag "v1"
        platforms [ ${platforms} ]
        files { "/app" text "${stamp} ${app}" }
      }`,
    });
  const [before, after] = [several("one"), several("two")];
  const [was, is] = await Promise.all([before, after].map(async (each) => (await build(each)).path));
  const read = async (...args: string[]) => (await json(...args)) as Difference | Differences;
  const expected = (await read(was as string, is as string)) as Differences;
  expect(expected.platforms.map(({ platform }) => platform)).toEqual(["linux/amd64", "linux/arm64"]);
  for (const { difference } of expected.platforms) {
    expect(difference.files).toEqual([{ name: "/app", before: stamp.length + 4, after: stamp.length + 4 }]);
  }
  const address = await registry();
  await imgc("push", is as string, `${address}/several:v2`, "--insecure");
  expect(await read(before, after)).toEqual(expected);
  expect(await read((await build(before, { attribute: "oci" })).path, `${address}/several:v2`)).toEqual(expected);

  // A single image is compared with the image for its platform.
  const arm = expected.platforms[1]?.difference;
  const single = (await build(several("one", "linux/arm64"))).path;
  for (const other of [is as string, `${address}/several:v2`]) expect(await read(single, other)).toEqual(arm);
  expect(await read(was as string, `${address}/several:v2`, "--platform", "linux/arm64")).toEqual(arm);
  expect(await read(single, was as string)).toMatchObject({ files: [], pull: { bytes: 0 } });
  const { stdout } = await imgc("diff", was as string, is as string);
  expect(stdout).toMatch(/^linux\/arm64:\n {2}files\n(?: {4}.*\n)+ {2}layers {2}0 the same, 1 gone, 1 new$/m);
});

test("a file that is not an image is a finding", async () => {
  expect((await failure(imgc("diff", first, "./nowhere"))).code).toBe(2);
  expect((await failure(imgc("diff", first, folder()))).code).toBe(1);
  const index = {
    schemaVersion: 2,
    manifests: [{ mediaType: INDEX_TYPE, digest: `sha256:${"a".repeat(64)}`, size: 1 }],
  };
  const loop = files({
    [`blobs/sha256/${"a".repeat(64)}`]: JSON.stringify(index),
    "index.json": JSON.stringify(index),
    "oci-layout": '{ "imageLayoutVersion": "1.0.0" }',
  });
  for (const args of [["diff", first], ["verify"]]) {
    expect(await failure(imgc(...args, join(loop, "../../..")))).toMatchObject({ code: 1 });
  }
  const gone = await failure(imgc("diff", first, "127.0.0.1:1/nothing:v1", "--insecure"));
  expect([gone.code, gone.stderr]).toEqual([3, expect.stringContaining("skopeo")]);
});
