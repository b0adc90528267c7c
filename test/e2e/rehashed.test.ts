/** Layouts with recomputed digests after a change: facts stated twice must still agree. */
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { checksums } from "../../src/image/checksums.ts";
import { blobName } from "../../src/oci/documents.ts";
import { verify } from "../../src/verify/verify.ts";
import { BLOCK, encodeHeader, TRAILER } from "../../src/layer/tar.ts";
import { copyOf, tiny } from "./damage.ts";
import { failure, imgc } from "./tools.ts";
import { sha256 } from "../../src/oci/digest.ts";

interface Descriptor {
  mediaType: string;
  digest: string;
  size: number;
  [more: string]: unknown;
}

/** The documents of a layout, to be changed. */
interface Said {
  index: { manifests: [Descriptor]; mediaType?: string };
  manifest: { mediaType?: string; config: Descriptor; layers: Descriptor[] };
  config: { created: string; history: { created_by: string }[]; rootfs: { diff_ids: string[] } };
  image: { closure: { paths: unknown[] }; held: string[]; roots: string[]; tag: string };
  /** The lowest layer's tar stream. */
  layer: Buffer;
}

let built: string;
beforeAll(async () => {
  built = await tiny("oci", "none");
});

/** The findings after a change. */
async function findings(change: (said: Said) => void): Promise<string[]> {
  const layout = await copyOf(built);
  const read = (name: string): unknown => JSON.parse(readFileSync(join(layout, name), "utf8"));
  const index = read("index.json") as Said["index"];
  const manifest = read(blobName(index.manifests[0].digest)) as Said["manifest"];
  const config = read(blobName(manifest.config.digest)) as Said["config"];
  const [deepest] = manifest.layers as [Descriptor];
  const layer = readFileSync(join(layout, blobName(deepest.digest)));
  const said: Said = { index, manifest, config, image: read("image.json") as Said["image"], layer };
  const put = (descriptor: Descriptor, bytes: Buffer): void => {
    rmSync(join(layout, blobName(descriptor.digest)));
    [descriptor.digest, descriptor.size] = [sha256(bytes), bytes.length];
    writeFileSync(join(layout, blobName(descriptor.digest)), bytes);
  };
  const encode = (value: unknown) => Buffer.from(`${JSON.stringify(value)}\n`);
  change(said);
  put(deepest, said.layer);
  config.rootfs.diff_ids[0] = deepest.digest;
  put(manifest.config, encode(config));
  put(index.manifests[0], encode(manifest));
  writeFileSync(join(layout, "index.json"), encode(index));
  writeFileSync(join(layout, "image.json"), encode(said.image));
  const names = ["image.json", "index.json", "oci-layout"];
  writeFileSync(join(layout, "SHA256SUMS"), checksums(layout, names));
  return (await verify(layout, { deep: true })).findings;
}

test("recomputed digests hide no change of facts stated twice", async () => {
  expect(await findings(() => {})).toEqual([]);
  const changes: [words: RegExp, change: (said: Said) => void][] = [
    [
      /index\.json differs from the index that imgc writes for/,
      ({ index }) => (index.manifests[0]["urls"] = ["https://example.org"]),
    ],
    [
      /index\.json differs from the index that imgc writes for/,
      ({ index }) => (index.manifests[0]["annotations"] = {}),
    ],
    [/index\.json differs from the index that imgc writes for/, ({ image }) => (image.tag = "v2")],
    [/index\.json has the media type text\/plain/, ({ index }) => (index.mediaType = "text/plain")],
    [
      /platform in the index: claimed linux\/s390x, computed linux/,
      ({ index }) => (index.manifests[0]["platform"] = { os: "linux", architecture: "s390x" }),
    ],
    [
      /the manifest has the media type text\/plain/,
      ({ index, manifest }) => {
        delete manifest.mediaType;
        index.manifests[0].mediaType = "text/plain";
      },
    ],
    [
      /layer 1 has the media type .* which does not belong/,
      ({ manifest }) => {
        (manifest.layers[0] as Descriptor).mediaType = "application/vnd.docker.image.rootfs.diff.tar";
      },
    ],
    [/layers in the config's history: claimed 1, computed 2/, ({ config }) => config.history.pop()],
    [/config: yesterday is not a time/, ({ config }) => (config.created = "yesterday")],
    [/is listed twice in the closure/, ({ image: { closure } }) => closure.paths.push(closure.paths[0])],
    [/is in the image, but no root of the image refers to it/, ({ image }) => image.roots.pop()],
    [/is listed as a root, but is not in the image/, ({ image }) => image.roots.push(`/nix/store/${"0".repeat(32)}-x`)],
    [/is listed as held by a base/, ({ image }) => image.held.push(`/nix/store/${"0".repeat(32)}-x`)],
    [
      /layer 1 \(auto\) cannot be read: bytes of padding before offset \d+ are not zero/,
      (said) => (said.layer = Buffer.concat([said.layer, Buffer.from("more".padEnd(BLOCK))])),
    ],
    [
      /layer 1 \(auto\) cannot be read: bytes of padding before offset \d+ are not zero/,
      (said) => (said.layer = Buffer.concat([said.layer, said.layer])),
    ],
    [/the archive's end is missing/, (said) => (said.layer = said.layer.subarray(0, -TRAILER.length / 2))],
    [
      // The file's padding, before the trailer.
      /bytes of padding before offset \d+ are not zero/,
      (said) => (said.layer = Buffer.from(said.layer.with(said.layer.length - TRAILER.length - 1, 7))),
    ],
  ];
  for (const [words, change] of changes) expect(await findings(change)).toContainEqual(expect.stringMatching(words));
});

test("BuildKit's attestations are not images, and their digests are checked", async () => {
  const layout = await copyOf(built);
  for (const name of ["image.json", "SHA256SUMS"]) rmSync(join(layout, name));
  const index = JSON.parse(readFileSync(join(layout, "index.json"), "utf8")) as { manifests: unknown[] };
  const put = (mediaType: string, value: unknown) => {
    const bytes = Buffer.from(JSON.stringify(value));
    const digest = sha256(bytes);
    writeFileSync(join(layout, blobName(digest)), bytes);
    return { mediaType, digest, size: bytes.length };
  };
  const statement = put("application/vnd.in-toto+json", { predicate: {} });
  const config = put("application/vnd.oci.image.config.v1+json", {
    architecture: "unknown",
    os: "unknown",
    rootfs: { type: "layers", diff_ids: [statement.digest] },
  });
  const type = "application/vnd.oci.image.manifest.v1+json";
  const manifest = put(type, { schemaVersion: 2, mediaType: type, config, layers: [statement] });
  index.manifests.push({ ...manifest, platform: { os: "unknown", architecture: "unknown" } });
  writeFileSync(join(layout, "index.json"), JSON.stringify(index));
  expect((await verify(layout)).findings).toEqual([]);
  expect((await imgc("diff", layout, layout)).stdout).toMatch(/^the same image/);
  writeFileSync(join(layout, blobName(statement.digest)), JSON.stringify({ predicate: {}, x: 1 }));
  expect((await verify(layout)).findings.join()).toMatch(/blob, digest: claimed/);
});

test("controls in names of an image do not reach the terminal", async () => {
  const name = "\x1b[31mred\x07";
  const entry = { kind: "file", name: Buffer.from(`a/../${name}`), mode: 0o644, uid: 0, gid: 0, size: 0 } as const;
  const layer = Buffer.concat([encodeHeader(entry), TRAILER]);
  const layout = await copyOf(built);
  rmSync(join(layout, "image.json"));
  rmSync(join(layout, "SHA256SUMS"));
  const index = JSON.parse(readFileSync(join(layout, "index.json"), "utf8")) as Said["index"];
  const read = (digest: string): unknown => JSON.parse(readFileSync(join(layout, blobName(digest)), "utf8"));
  const manifest = read(index.manifests[0].digest) as Said["manifest"];
  writeFileSync(join(layout, blobName((manifest.layers[0] as Descriptor).digest)), layer);
  const { stdout } = await failure(imgc("verify", layout));
  expect(stdout).toContain("[31mred");
  expect(stdout).not.toMatch(/[^\n\P{Cc}]/u);
});
