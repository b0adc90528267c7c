import { afterAll, expect, test } from "vitest";
import { attach } from "../../src/publish/attach.ts";
import { dryRun } from "../../src/publish/dry-run.ts";
import { prepare } from "../../src/publish/prepare.ts";
import { push } from "../../src/publish/push.ts";
import { retrying } from "../../src/registry/retry.ts";
import { readImageDirectory } from "../../src/image/image-directory.ts";
import { readIndexDirectory } from "../../src/image/index-directory.ts";
import { LayerPool } from "../../src/serve/layer-pool.ts";
import { indexView, viewOf, type View } from "../../src/serve/view.ts";
import { ToolError } from "../../src/util/run-tool.ts";
import { folder } from "../e2e/tools.ts";
import { fakeSkopeo } from "../fake-skopeo.ts";
import { makeForms, makeImage } from "../serve/image.ts";

const HOST = "registry.example.org";
const to = (tag: string) => ({ name: `${HOST}/shop/api`, tag });

/** Shared by the tests: starting a thread takes longer than making these layers. */
const pool = new LayerPool();
afterAll(async () => await pool[Symbol.asyncDispose]());

const image = async () => readImageDirectory(await makeImage(folder(), "push", { layers: { libc: "c", app: "app" } }));

async function send(view: View, ...tags: string[]): Promise<string[]> {
  const pushed: string[] = [];
  const onPushed = ({ tag }: { tag: string }) => pushed.push(tag);
  await push(view, tags.map(to), { pool, insecure: false, delays: [10, 10], onPushed });
  return pushed;
}

test("a push sends manifest, config and layers, and reads each tag back", async () => {
  const skopeo = fakeSkopeo();
  const view = viewOf(await image());
  expect(await send(view, "v1", "latest")).toEqual(["v1", "latest"]);
  expect(skopeo.read(`${HOST}/shop/api:v1`)).toEqual(view.manifest.bytes);
  expect(skopeo.count()).toBe(4);
  expect(skopeo.calls().filter((call) => call.includes("inspect"))).toHaveLength(2);
});

test("what a dry run says would be sent is what is missing, and nothing is sent", async () => {
  const skopeo = fakeSkopeo();
  const view = viewOf(await image());
  const options = { pool, insecure: false };
  const first = await dryRun(view, [view], to("v1"), options);
  expect(first.layers).toHaveLength(2);
  expect(skopeo.count()).toBe(0);
  await send(view, "v1");
  expect(await dryRun(view, [view], to("v1"), options)).toEqual({ layers: [], documents: 0 });
});

test("a dry run of two forms counts their shared config once, and nothing if the tag leads to their index", async () => {
  fakeSkopeo();
  const { images } = readIndexDirectory(await makeForms(folder(), "forms", { layers: { libc: "c" } }));
  const forms = images.map(viewOf) as [View, ...View[]];
  const index = indexView(forms, "v1");
  const options = { pool, insecure: false };
  const { layers, documents } = await dryRun(index, forms, to("v1"), options);
  const bytes = [index.manifest.bytes, images[0]?.configBytes, ...images.map(({ manifestBytes }) => manifestBytes)];
  expect(documents).toBe(bytes.reduce((sum, each) => sum + (each as Buffer).length, 0));
  expect(layers).toHaveLength(2);
  await send(index, "v1");
  expect((await dryRun(index, forms, to("v1"), options)).documents).toBe(0);
});

test("a temporary failure is tried again, another one is not", async () => {
  const skopeo = fakeSkopeo();
  const view = viewOf(await image());
  skopeo.fail("writing blob: StatusCode: 503", null);
  expect(await send(view, "v1")).toEqual(["v1"]);
  const calls = skopeo.calls().length;
  skopeo.fail("dial tcp: lookup registry.example.org: no such host");
  await expect(send(view, "v2")).rejects.toThrow("registry.example.org");
  expect(skopeo.calls()).toHaveLength(calls + 1);
});

test("a registry that gives back another manifest is a failure", async () => {
  const skopeo = fakeSkopeo();
  const view = viewOf(await image());
  await send(view, "v1");
  skopeo.fail("uploading manifest v1: denied: the tag may not be changed");
  // Refused, but the tag leads to the very image already.
  expect(await send(view, "v1")).toEqual(["v1"]);
  skopeo.fail("uploading manifest v1: denied");
  skopeo.tag(`${HOST}/shop/api:v1`, Buffer.from("{}"));
  await expect(send(view, "v1")).rejects.toThrow(ToolError);
});

test("documents are attached before a tag leads to the image; if that fails, no tag does", async () => {
  const skopeo = fakeSkopeo();
  const view = viewOf(await image());
  const [name, tag] = [`${HOST}/shop/api`, `${HOST}/shop/api:v1`];
  const pushWith = (attachTo: (name: string) => Promise<void>) =>
    push(view, [to("v1")], { pool, insecure: false, delays: [], onPushed: () => {}, attachTo });
  const refused = pushWith(() => Promise.reject(new ToolError("writing the tag: denied")));
  await expect(refused).rejects.toThrow(
    `writing the tag: denied; ${name}@${view.manifest.digest} was pushed, but lacks attached documents, so no tag was changed: repeat the command`,
  );
  expect([skopeo.has(view.manifest.digest), skopeo.read(tag)]).toEqual([true, undefined]);
  const before: unknown[] = [];
  await pushWith((each) => {
    before.push(each, skopeo.has(view.manifest.digest), skopeo.read(tag));
    return Promise.resolve();
  });
  expect(before).toEqual([name, true, undefined]);
  expect(skopeo.read(tag)).toEqual(view.manifest.bytes);
});

test("a document is attached to the image, and listed under the tag for referrers beside others", async () => {
  const skopeo = fakeSkopeo();
  const view = viewOf(await image());
  const options = { pool, insecure: false };
  const bill = (text: string) => ({ mediaType: "application/spdx+json", bytes: Buffer.from(text) });
  const name = `${HOST}/shop/api`;
  const digest = await attach(view, bill("{}"), name, options);
  expect(JSON.parse(skopeo.read(`${name}@${digest}`)?.toString() ?? "")).toMatchObject({
    artifactType: "application/spdx+json",
    subject: { digest: view.manifest.digest },
  });
  const other = await attach(view, bill('{"a":1}'), name, options);
  await attach(view, bill("{}"), name, options);
  const listed = JSON.parse(skopeo.read(`${name}:${view.manifest.digest.replace(":", "-")}`)?.toString() ?? "") as {
    manifests: { digest: string }[];
  };
  expect(listed.manifests.map((each) => each.digest)).toEqual([other, digest]);
});

test("layers of another compressor are compressed again, and the manifest follows", async () => {
  const original = await image();
  const [first, second] = original.layers;
  if (first === undefined || second === undefined) throw new Error("the image has two layers");
  const foreign = { ...second, compressor: "zstd 0.1", digest: `sha256:${"0".repeat(64)}`, size: 1 };
  const notes: string[] = [];
  const note = (text: string) => void notes.push(text);
  const view = await prepare({ ...original, layers: [first, foreign] }, pool, async () => {}, note);
  expect(notes).toHaveLength(2);
  expect([...view.blobs.keys()]).toContain(second.digest);
  expect([...view.blobs.keys()]).not.toContain(foreign.digest);
  // The digests hold: the image stays as it was built.
  const same = { ...second, compressor: "zstd 0.1" };
  const kept = await prepare(
    { ...original, layers: [first, same] },
    pool,
    async () => {},
    () => {},
  );
  expect(kept.manifest.digest).toBe(viewOf(original).manifest.digest);
});

test("retries end with the number of attempts, and say why each is made", async () => {
  const reasons: string[] = [];
  const failing = retrying(`${HOST}/a:b`, { delays: [1, 1], onRetry: (reason) => reasons.push(reason) }, () =>
    Promise.reject(new ToolError("writing blob: StatusCode: 500")),
  );
  await expect(failing).rejects.toThrow(/all 3 attempts failed$/);
  expect(reasons).toHaveLength(2);
  const other = new TypeError("a mistake of our own");
  await expect(retrying("a", {}, () => Promise.reject(other))).rejects.toBe(other);
});
