import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { descriptor, encode } from "../../src/oci/documents.ts";
import { ImageError } from "../../src/oci/image-error.ts";
import { INDEX_TYPE, MEDIA_TYPES } from "../../src/oci/media-types.ts";
import { parseReference } from "../../src/oci/reference.ts";
import { fetchDocuments, fetchLayout } from "../../src/registry/fetch-layout.ts";
import { pin } from "../../src/registry/pin.ts";
import { folder } from "../e2e/tools.ts";
import { fakeSkopeo, type FakeSkopeo } from "../fake-skopeo.ts";

const REFERENCE = "registry.example.org/library/base:1";
const KNOWN = ["linux/amd64", "linux/arm64"];
const { manifest, config, gzip } = MEDIA_TYPES.oci;

/** An image of one layer; gives its manifest's bytes. */
function imageFor(skopeo: FakeSkopeo, architecture: string, configType: string = config): Buffer {
  const layer = Buffer.from(`layer for ${architecture}`);
  const document = encode({ os: "linux", architecture, rootfs: { type: "layers", diff_ids: [] } });
  skopeo.add(layer);
  skopeo.add(document);
  return encode({
    schemaVersion: 2,
    mediaType: manifest,
    config: descriptor(configType, document),
    layers: [descriptor(gzip, layer)],
  });
}

function indexOf(skopeo: FakeSkopeo, ...architectures: string[]): Buffer {
  const manifests = architectures.map((architecture) => {
    const bytes = imageFor(skopeo, architecture);
    skopeo.add(bytes);
    return { ...descriptor(manifest, bytes), platform: { os: "linux", architecture } };
  });
  const attestation = {
    ...descriptor(manifest, Buffer.from("x")),
    platform: { os: "unknown", architecture: "unknown" },
  };
  return encode({ schemaVersion: 2, mediaType: INDEX_TYPE, manifests: [...manifests, attestation] });
}

test("a reference to one image is pinned for the platform of its config", async () => {
  const skopeo = fakeSkopeo();
  const digest = skopeo.tag(REFERENCE, imageFor(skopeo, "amd64"));
  const pinned = await pin(REFERENCE, null, KNOWN);
  expect(pinned).toMatchObject({ digest, platforms: { "linux/amd64": { manifest: digest } } });
  expect(pinned.platforms["linux/amd64"]?.layers).toHaveLength(1);
});

test("of an index, the known platforms are pinned, or those that are wanted", async () => {
  const skopeo = fakeSkopeo();
  const digest = skopeo.tag(REFERENCE, indexOf(skopeo, "amd64", "arm64", "s390x"));
  const all = await pin(REFERENCE, null, KNOWN);
  expect([all.digest, Object.keys(all.platforms)]).toEqual([digest, KNOWN]);
  const one = await pin(REFERENCE, ["linux/s390x"], KNOWN);
  expect(Object.keys(one.platforms)).toEqual(["linux/s390x"]);
  await expect(pin(REFERENCE, ["linux/riscv64"], KNOWN)).rejects.toThrow(/linux\/riscv64.*linux\/amd64/);
});

test("other documents than images are refused", async () => {
  const skopeo = fakeSkopeo();
  skopeo.tag(REFERENCE, imageFor(skopeo, "amd64", "application/vnd.example"));
  await expect(pin(REFERENCE, null, KNOWN)).rejects.toThrow("application/vnd.example");
  skopeo.tag(REFERENCE, Buffer.from("<html>"));
  await expect(pin(REFERENCE, null, KNOWN)).rejects.toThrow(REFERENCE);
  await expect(pin("registry.example.org/none:1", null, KNOWN)).rejects.toThrow("manifest unknown");
});

const options = { insecure: false };

test("an image is fetched by the digest that its tag has now", async () => {
  const skopeo = fakeSkopeo();
  const digest = skopeo.tag(REFERENCE, imageFor(skopeo, "amd64"));
  const at = join(folder(), "layout");
  await fetchLayout(parseReference(REFERENCE), at, options);
  expect(existsSync(join(at, "blobs", digest.replace(":", "/")))).toBe(true);
  expect(skopeo.calls().at(-1)).toContain(`@${digest}`);
});

test("documents are fetched without layers, which follow on demand", async () => {
  const skopeo = fakeSkopeo();
  skopeo.tag(REFERENCE, imageFor(skopeo, "amd64"));
  const at = join(folder(), "layout");
  const bring = await fetchDocuments(parseReference(REFERENCE), at, options);
  const { layers } = JSON.parse(skopeo.read(REFERENCE)?.toString() ?? "") as { layers: { digest: string }[] };
  const layer = layers[0]?.digest ?? "";
  const text = () => readFileSync(join(at, "blobs", layer.replace(":", "/")), "utf8");
  expect(text()).toBe("");
  await bring(new Set(["sha256:other"]));
  expect(text()).toBe("");
  await bring(new Set([layer]));
  expect(text()).toBe("layer for amd64");
});

test.each(["null", "[]", "5", '"text"'])("the manifest %s is a finding that names the reference", async (text) => {
  const skopeo = fakeSkopeo();
  skopeo.tag(REFERENCE, Buffer.from(text));
  for (const fetched of [fetchLayout, fetchDocuments])
    await expect(fetched(parseReference(REFERENCE), join(folder(), "layout"), options)).rejects.toThrow(
      new ImageError(`${REFERENCE}: the manifest that the registry sends is no JSON object: ${text}`),
    );
});

test("an answer that leads to a missing manifest, or to other bytes, is a finding", async () => {
  const skopeo = fakeSkopeo();
  skopeo.tag(REFERENCE, imageFor(skopeo, "amd64"));
  const fetched = () => fetchLayout(parseReference(REFERENCE), join(folder(), "layout"), options);
  skopeo.fail(null, "reading manifest: manifest unknown");
  await expect(fetched()).rejects.toThrow(ImageError);
  skopeo.fail(null, "Digest did not match, expected a, got b");
  await expect(fetched()).rejects.toThrow(/did not match/);
});
