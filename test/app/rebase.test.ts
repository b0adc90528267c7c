/** `rebaseImage` with a registry that is a folder, and images that the builders' actions make. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { rebaseImage } from "../../src/app/rebase.ts";
import { base } from "../../src/builder/actions/base.ts";
import { REBASE_FACTS } from "../../src/image/base-annotations.ts";
import { readImageDirectory } from "../../src/image/image-directory.ts";
import { packedBytes } from "../../src/layer/bytes.ts";
import type { Layer } from "../../src/layer/recipe.ts";
import { sha256 } from "../../src/oci/digest.ts";
import { encode, Index, Manifest, type Descriptor } from "../../src/oci/documents.ts";
import { INDEX_TYPE } from "../../src/oci/media-types.ts";
import { EXIT } from "../../src/util/errors.ts";
import { file, layoutOf, onTop } from "../builder/actions/on-top.ts";
import { TestStore } from "../builder/actions/test-store.ts";
import { fakeSkopeo, type FakeSkopeo } from "../fake-skopeo.ts";
import type { TestLayout } from "../test-layout.ts";

// No server listens at this address, so blobs cannot be mounted and referrers cannot be asked for.
const NAME = "127.0.0.1:2/shop/api";

let store: TestStore;
let skopeo: FakeSkopeo;
const notes: string[] = [];
beforeEach(() => {
  store = new TestStore();
  skopeo = fakeSkopeo();
  notes.length = 0;
});

const rebased = async (image: string, onto: string) =>
  await rebaseImage(image, onto, {
    insecure: true,
    signal: new AbortController().signal,
    note: (line: string) => void notes.push(line),
  } as Parameters<typeof rebaseImage>[2]);

const blobOf = ({ path }: TestLayout, digest: string): Buffer =>
  readFileSync(join(path, "blobs", digest.replace(":", "/")));

/** Adds the only image of a layout to the registry, under a tag; returns the digest of its manifest. */
function pushBase(layout: TestLayout, tag: string): string {
  const { manifests } = Index.parse(JSON.parse(readFileSync(join(layout.path, "index.json"), "utf8")));
  const bytes = blobOf(layout, (manifests[0] as Descriptor).digest);
  const { config, layers } = Manifest.parse(JSON.parse(bytes.toString()));
  for (const { digest } of [config, ...layers]) skopeo.add(blobOf(layout, digest));
  return skopeo.tag(`${NAME}:${tag}`, bytes);
}

/** Builds the image on a base of the registry; returns its documents, and the blob of its own layer. */
async function built(layout: TestLayout, tag: string): Promise<Record<"manifest" | "config" | "top", Buffer>> {
  const digest = pushBase(layout, tag);
  const foreign = await store.build(`base-${tag}`, base, {
    label: tag,
    platform: { os: "linux", architecture: "amd64" },
    source: layout.path,
  });
  const { out } = await onTop(store, foreign, {
    files: [{ path: "/etc/motd", kind: "text", from: "hi\n" }],
    config: { Cmd: ["/bin/app"], Env: ["MODE=app"] },
    origin: { name: `${NAME}:${tag}`, digest, database: false },
  });
  const { manifestBytes, configBytes, layers } = readImageDirectory(out);
  const { content, compression } = layers.at(-1) as Layer;
  const top: Buffer[] = [];
  for await (const piece of packedBytes(content, compression)) top.push(Buffer.from(piece));
  return { manifest: manifestBytes, config: configBytes, top: Buffer.concat(top) };
}

const OLD = () => layoutOf([[file("lib/old", "1")]], { Env: ["A=old", "MODE=base"] }, store.place("old"));
const NEW = () =>
  layoutOf([[file("lib/new", "2")], [file("lib/more", "3")]], { Env: ["A=new"], User: "7" }, store.place("new"));

test("the result is the image that a build on the new base makes, under the same tag", async () => {
  const wanted = await built(NEW(), "new");
  store = new TestStore();
  const { manifest, config, top } = await built(OLD(), "old");
  for (const bytes of [config, top]) skopeo.add(bytes);
  skopeo.tag(`${NAME}:v1`, manifest);
  const result = await rebased(`docker://${NAME}:v1`, `${NAME}:new`);
  expect(result).toEqual({ digest: sha256(wanted.manifest), images: 1, mounted: 0, copied: 0, name: NAME });
  expect(skopeo.read(`${NAME}:v1`)?.toString()).toBe(wanted.manifest.toString());
  expect(skopeo.has(sha256(wanted.config))).toBe(true);
  expect(notes).toEqual([]);
});

test("each image of an index gets the base of its platform, and the index keeps its other members", async () => {
  const { manifest, config } = await built(OLD(), "old");
  const digest = skopeo.add(manifest);
  skopeo.add(config);
  const platform = { os: "linux", architecture: "amd64" };
  const mediaType = Manifest.parse(JSON.parse(manifest.toString())).mediaType as string;
  const entry = { mediaType, digest, size: manifest.length, platform, annotations: { kept: "yes" } };
  const index = { schemaVersion: 2, mediaType: INDEX_TYPE, manifests: [entry], annotations: { note: "x" } };
  skopeo.tag(`${NAME}:v1`, encode(index));
  pushBase(NEW(), "new");
  const { images, digest: result } = await rebased(`${NAME}:v1`, `${NAME}:new`);
  expect(images).toBe(1);
  const bytes = skopeo.read(`${NAME}:v1`) as Buffer;
  expect(sha256(bytes)).toBe(result);
  const found = JSON.parse(bytes.toString()) as typeof index;
  expect(found).toMatchObject({ mediaType: INDEX_TYPE, annotations: { note: "x" } });
  expect(found.manifests).toMatchObject([{ platform, annotations: { kept: "yes" } }]);
  expect(found.manifests[0]?.digest).not.toBe(digest);
});

test("refuses an image without facts about its base, a base for other platforms, and documents with another digest", async () => {
  pushBase(OLD(), "old");
  pushBase(layoutOf([[file("a", "1")]], {}, store.place("plain")), "plain");
  await expect(rebased(`${NAME}:plain`, `${NAME}:old`)).rejects.toThrow(`lacks the annotation ${REBASE_FACTS}`);
  const { manifest, config } = await built(OLD(), "old");
  skopeo.add(config);
  skopeo.tag(`${NAME}:v1`, manifest);
  const other = layoutOf([], {}, store.place("other"));
  const s390x = other.index([other.image([], { architecture: "s390x" })]);
  pushBase(s390x, "s390x");
  await expect(rebased(`${NAME}:v1`, `${NAME}:s390x`)).rejects.toThrow(`${NAME}:s390x has no image for linux/amd64`);
  await expect(rebased(`${NAME}:v1`, `${NAME}:nowhere`)).rejects.toThrow("the registry has no such image");
});

test.each<[string, string, string]>([
  ["./nowhere", `${NAME}:new`, "./nowhere names no registry"],
  ["../", `${NAME}:new`, "../ is on this machine: push it first"],
  [`${NAME}@sha256:${"0".repeat(64)}`, `${NAME}:new`, "name the image by a tag"],
  [`${NAME}:v1`, "debian", "debian names no registry"],
  [".", `${NAME}:new`, ". is on this machine: push it first"],
])("refuses to rebase %s onto %s", async (image, onto, message) => {
  await expect(rebased(image, onto)).rejects.toMatchObject({
    exitCode: EXIT.usage,
    message: expect.stringContaining(message) as string,
  });
});
