/** The actions of an image, each with the outputs of the actions before it. */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { basename, join } from "node:path";
import { expect, test } from "vitest";
import { archive } from "../../../src/builder/actions/archive.ts";
import { blobs } from "../../../src/builder/actions/blobs.ts";
import { content } from "../../../src/builder/actions/content.ts";
import { digests } from "../../../src/builder/actions/digests.ts";
import { image } from "../../../src/builder/actions/image.ts";
import { index } from "../../../src/builder/actions/index.ts";
import { layer } from "../../../src/builder/actions/layer.ts";
import { layers } from "../../../src/builder/actions/layers.ts";
import { layout } from "../../../src/builder/actions/layout.ts";
import { pack } from "../../../src/builder/actions/pack.ts";
import { plan } from "../../../src/builder/actions/plan.ts";
import { readDigests } from "../../../src/image/digests-file.ts";
import { flatTar } from "../../../src/image/flat-tar.ts";
import { readImageDirectory } from "../../../src/image/image-directory.ts";
import { readIndexDirectory } from "../../../src/image/index-directory.ts";
import { decodePlan, type PlanText } from "../../../src/image/plan-file.ts";
import { plainBytes } from "../../../src/layer/bytes.ts";
import { TarReader } from "../../../src/layer/read-tar.ts";
import { toHex } from "../../../src/oci/digest.ts";
import { hashPart } from "../../../src/store/store-path.ts";
import { WITH_PLAN } from "../../../src/plan/batches.ts";
import { readPlan } from "../../../src/builder/own-files.ts";
import { decodeMasked } from "../../../src/store/masked-json.ts";
import { verify } from "../../../src/verify/verify.ts";
import { IMAGE, NO_CONTENT, NO_PLAN, TestStore, type Outputs } from "./test-store.ts";

const GZIP = { algorithm: "gzip", level: null } as const;
const ZSTD = { algorithm: "zstd", level: null } as const;
const FILE = { owner: null, capabilities: [], modes: null, isAsked: true };

/** An image with two packages, a file and a user, in these forms. */
async function partsOf(store: TestStore, forms: object[] = [ZSTD]) {
  const library = store.add("library-1.0", { "lib/code": "code of the library" });
  const app = store.add("app-2.0", { "bin/app": `#!/bin/sh\n# needs ${library}\n` }, [library]);
  const own = await store.build("content.json", content, {
    ...NO_CONTENT,
    packages: [{ path: app, priority: 5, index: 0 }],
    files: [{ ...FILE, path: "/etc/motd", kind: "text", from: "hi\n", mode: 0o600 }],
    users: [{ name: "api", uid: 1000, gid: 1000, home: "/home/api", shell: null, groups: [] }],
    config: { Cmd: [`${app}/bin/app`], User: "api" },
  });
  const planned = await store.build(
    "plan",
    plan,
    { ...NO_PLAN, roots: [app], content: own.out, closure: store.closure, forms, permissions: own.out },
    ["blobs"],
  );
  const { layers: all } = readPlan(join(planned.digests, "plan.json"));
  const others = all.filter(({ batch }) => batch !== WITH_PLAN);
  const batch = others.map(({ name, paths }) => ({ label: name, paths }));
  const packed = await store.build("layers", layers, { layers: batch, permissions: own.out, forms }, ["blobs"]);
  return { app, library, content: own, plan: planned, packed };
}

/** The arguments of the image action for these parts, from this output of them. */
function imageOf(
  { content: own, plan: planned, packed }: Awaited<ReturnType<typeof partsOf>>,
  { form = "", output = "out" }: { form?: string; output?: "out" | "digests" } = {},
) {
  const layersOf = [packed, planned].map((each) => each[output] + form);
  return { ...IMAGE, content: own[output], plans: [`${planned.digests}/plan.json`], layers: layersOf };
}

/** The names in the file system of an image directory, with the mode and owner of each. */
async function listed(path: string): Promise<Record<string, string>> {
  const { layers: all, root } = readImageDirectory(path);
  const names: Record<string, string> = {};
  const reader = new TarReader(({ name, mode, uid, gid }) => {
    names[name] = `${mode.toString(8)} ${uid}:${gid}`;
  });
  const streams = all.map(
    ({ content: held, compression }) =>
      () =>
        plainBytes(held, compression, root),
  );
  for await (const piece of flatTar(streams as Parameters<typeof flatTar>[0], () => {}))
    reader.push(Buffer.from(piece));
  return names;
}

test("content, plan, layers and image make an image directory that is valid", async () => {
  const store = new TestStore();
  const parts = await partsOf(store);
  const { out } = await store.build("image", image, imageOf(parts));
  const report = await verify(out, { deep: true });
  expect(report).toMatchObject({ findings: [], layers: 3, paths: 2, unhashed: 0 });
  const { file, config, layers: recipes } = readImageDirectory(out);
  expect(file).toMatchObject({ name: "shop/api", tag: "v1", storeDir: store.path, roots: [parts.app] });
  expect(file.closure.map(({ path }) => path)).toEqual([parts.app, parts.library].toSorted());
  expect(config.config).toMatchObject({ Cmd: [`${parts.app}/bin/app`], User: "1000:1000" });
  expect(recipes.map(({ content: { paths } }) => paths)).toEqual([[parts.library], [parts.app], []]);
  // The output `blobs` has the compressed bytes of each layer.
  const folders = [parts.packed, parts.plan, parts.plan].map(({ blobs: folder }) => folder);
  const kept = folders.map((folder, i) => `${folder}/${toHex(recipes[i]?.digest ?? "")}`);
  expect(recipes.map(({ blobFile }) => blobFile)).toEqual(kept);
  expect(kept.map((blob) => readFileSync(blob).length)).toEqual(recipes.map(({ size }) => size));
  const names = await listed(out);
  expect(names["etc/motd"]).toBe("600 0:0");
  expect(names["home/api"]).toBe("700 1000:1000");
  expect(names["bin/app"]).toBe("777 0:0");
});

test("the layer of files is the same if it has a derivation of its own", async () => {
  const store = new TestStore();
  const { content: own, plan: planned } = await partsOf(store);
  const attributes = { label: "files", paths: [], entries: own.out, permissions: own.out, forms: [ZSTD] };
  const { out } = await store.build("layer.json", layer, attributes);
  const read = (path: string) => JSON.parse(readFileSync(path, "utf8")) as { blobFile?: string };
  const { blobFile: _, ...withPlan } = read(join(planned.out, "layers/001.json"));
  expect(withPlan).toEqual(read(out));
});

test("the digests action writes the documents of the image directory, from inputs without store paths", async () => {
  const store = new TestStore();
  const parts = await partsOf(store);
  const { out } = await store.build("image", image, imageOf(parts));
  const written = await store.build("image-digests.json", digests, imageOf(parts, { output: "digests" }));
  const text = readFileSync(written.out, "utf8");
  for (const path of [parts.app, parts.library]) expect(text).not.toContain(hashPart(path));
  const { path: _, ...read } = readDigests(written.out);
  const { path: __, ...directory } = readImageDirectory(out);
  expect(read).toEqual(directory);
});

/** An image in two forms. */
async function inForms(store: TestStore): Promise<{ index: Outputs; parts: Awaited<ReturnType<typeof partsOf>> }> {
  const parts = await partsOf(store, [GZIP, ZSTD]);
  const gzip = await store.build("image-gzip", image, { ...imageOf(parts), isGzipForm: true });
  const zstd = await store.build("image-zstd", image, imageOf(parts, { form: "/zstd" }));
  return { index: await store.build("index", index, { images: [gzip.out, zstd.out] }), parts };
}

test("an image in two forms is an index, and its layout and archives have the same digests", async () => {
  const store = new TestStore();
  const { index: both, parts } = await inForms(store);
  const directory = readIndexDirectory(both.out);
  expect(directory.images.map(({ layers: all }) => all.map(({ compression }) => compression.algorithm))).toEqual([
    ["gzip", "gzip", "gzip"],
    ["zstd", "zstd", "zstd"],
  ]);
  expect(directory.images.map(({ config }) => config.rootfs.diff_ids)).toEqual(
    Array(2).fill(directory.images[0]?.config.rootfs.diff_ids),
  );
  expect(await verify(both.out)).toMatchObject({ findings: [], layers: 3 });

  const sources = ["", "/zstd"].flatMap((form) => imageOf(parts, { form }).layers);
  const blobFolder = await store.build("blobs", blobs, { layers: sources });
  expect(readdirSync(blobFolder.out).toSorted()).toEqual(
    directory.images.flatMap(({ layers: all }) => all.map(({ digest }) => toHex(digest))).toSorted(),
  );
  const { out } = await store.build("oci", layout, { image: both.out, blobs: [blobFolder.out] });
  const digestsOf = directory.parts.map(({ digest }) => digest);
  expect(await verify(out)).toMatchObject({ findings: [], digests: digestsOf });
  const [blob] = readdirSync(blobFolder.out);
  expect(readlinkSync(join(out, "blobs/sha256", blob as string))).toBe(`../../../${basename(blobFolder.out)}/${blob}`);

  const oci = await store.build("oci.tar", archive, { image: both.out, form: "oci-archive" });
  expect(await verify(oci.out)).toMatchObject({ findings: [], digests: digestsOf, form: "OCI archive" });
  const docker = await store.build("docker.tar", archive, { image: both.out, form: "docker-archive" });
  expect(await verify(docker.out)).toMatchObject({ findings: [], layers: 3, form: "Docker archive" });
});

test("forms that are equal are one entry of the index", async () => {
  const store = new TestStore();
  const parts = await partsOf(store);
  const [first, second] = [
    await store.build("image", image, imageOf(parts)),
    await store.build("image-again", image, imageOf(parts)),
  ];
  const { out } = await store.build("index", index, { images: [first.out, second.out] });
  expect(readdirSync(join(out, "images"))).toEqual(["000"]);
  expect(await verify(out)).toMatchObject({ findings: [] });
});

test("a pack has a plan and the recipes of all its layers", async () => {
  const store = new TestStore();
  const library = store.add("library-1.0", { "lib/code": "code" });
  const app = store.add("app-2.0", { "bin/app": library }, [library]);
  const args = { ...NO_PLAN, roots: [app], closure: store.closure, forms: [ZSTD], permissions: [] };
  const { out, digests: masked } = await store.build("pack", pack, args);
  const packed = decodePlan(JSON.parse(readFileSync(join(out, "plan.json"), "utf8")) as PlanText);
  expect(packed.layers.map(({ paths }) => paths)).toEqual([[library], [app]]);
  expect(packed.roots).toEqual([app]);
  expect(readdirSync(join(out, "layers"))).toEqual(["000.json", "001.json"]);
  const text = readFileSync(join(masked, "layers/001.json"), "utf8");
  expect(text).not.toContain(hashPart(app));
  expect(decodeMasked(text)).toMatchObject({ name: packed.layers[1]?.name, content: { paths: [app] } });
});

test("refuses forms that a client could not read, and expectations that the image does not meet", async () => {
  const store = new TestStore();
  const parts = await partsOf(store);
  const refused = (more: object) => store.build("refused", image, { ...imageOf(parts), ...more });
  await expect(refused({ manifest: "docker" })).rejects.toThrow("which Docker manifests do not support");
  await expect(refused({ isGzipForm: true })).rejects.toMatchObject({ findings: [{ at: ["compression"] }] });
  const layersLimit = { ...IMAGE.expect, layers: [{ operator: "<=", value: 2 }] };
  await expect(refused({ expect: layersLimit })).rejects.toThrow("3");
});
