import { expect, test } from "vitest";
import { compareAll } from "../../src/diff/compare.ts";
import { sha256 } from "../../src/oci/digest.ts";
import { encode } from "../../src/oci/documents.ts";
import type { AnyImages } from "../../src/image/any-image.ts";

/** Images without layers, one for each platform. */
function images(digest: string, ...platforms: string[]): AnyImages {
  const each = platforms.map((platform) => {
    const configBytes = encode({ os: "linux", architecture: platform, rootfs: { type: "layers", diff_ids: [] } });
    return { digest: `${digest} ${platform}`, platform, form: "gzip" as const, configBytes, documents: 1, layers: [] };
  });
  return { digest, images: each, [Symbol.dispose]: () => {} };
}

test("platforms of one side are listed, and common platforms are compared", async () => {
  const found = await compareAll(
    images("a", "linux/amd64", "linux/arm64"),
    images("b", "linux/arm64", "linux/riscv64"),
  );
  expect(found).toMatchObject({ before: "a", after: "b", removed: ["linux/amd64"], added: ["linux/riscv64"] });
  expect("platforms" in found && found.platforms.map(({ platform }) => platform)).toEqual(["linux/arm64"]);
});

test("two single images are always compared; a single image is compared with the one for its platform", async () => {
  expect(await compareAll(images("a", "linux/amd64"), images("b", "linux/arm64"))).toMatchObject({
    before: "a linux/amd64",
    after: "b linux/arm64",
  });
  const several = images("b", "linux/amd64", "linux/arm64");
  expect(await compareAll(several, images("a", "linux/arm64"))).toMatchObject({ before: "b linux/arm64" });
});

test("images that cannot be compared are errors", async () => {
  const several = images("b", "linux/amd64", "linux/arm64");
  await expect(compareAll(images("a", "linux/s390x"), several)).rejects.toThrow("for linux/s390x, the other only");
  await expect(compareAll(images("a"), several)).rejects.toThrow("no image");
  const duplicates = images("a", "linux/amd64", "linux/amd64");
  (duplicates.images[1] as { configBytes: Buffer }).configBytes = encode({ another: "config" });
  await expect(compareAll(duplicates, several)).rejects.toThrow("several images for linux/amd64");
});

/** An image with a layer for each content; the form decides the digests of the blobs. */
function form(name: "gzip" | "zstd", ...contents: string[]): AnyImages["images"][number] {
  const configBytes = encode({
    os: "linux",
    architecture: "amd64",
    rootfs: { type: "layers", diff_ids: contents.map(sha256) },
  });
  const layers = contents.map((content) => ({
    name: content,
    digest: `${name} ${content}`,
    size: name === "gzip" ? 10 : 8,
    diffId: sha256(content),
    stream: () => [Buffer.alloc(1024)],
  }));
  return {
    digest: `${name} ${contents.join()}`,
    platform: "linux/amd64",
    form: name,
    configBytes,
    documents: 1,
    layers,
  };
}
const forms = (digest: string, ...each: AnyImages["images"]): AnyImages => ({
  digest,
  images: each,
  [Symbol.dispose]: () => {},
});

test("two forms of one image have the same layers, and a client pulls the other form", async () => {
  const found = await compareAll(forms("a", form("gzip", "x", "y")), forms("b", form("zstd", "x", "y")));
  expect(found).toMatchObject({
    layers: { same: 2, recompressed: 2, removed: [], added: [] },
    files: [],
    pull: { bytes: 17, layers: 2 },
  });
});

test("images in two forms are compared in the same form, the zstd form if both are as near", async () => {
  const before = forms("a", form("gzip", "x", "y"), form("zstd", "x", "y"));
  const after = forms("b", form("gzip", "x", "z"), form("zstd", "x", "z"));
  expect(await compareAll(before, after)).toMatchObject({
    before: "a",
    after: "b",
    forms: { before: "zstd", after: "zstd", same: [] },
    layers: { same: 1, recompressed: 0, removed: [{ digest: "zstd y" }], added: [{ digest: "zstd z" }] },
    pull: { bytes: 9, layers: 1, of: 17 },
  });
  // A single form is compared with the form that shares its blobs.
  expect(await compareAll(forms("c", form("gzip", "x", "y")), after)).toMatchObject({
    before: "gzip x,y",
    after: "b",
    forms: { before: "gzip", after: "gzip" },
  });
});

test("if only one of two forms differs, this form is compared, and images are equal only if their indexes are", async () => {
  const before = forms("a", form("gzip", "x"), form("zstd", "x"));
  const other = form("zstd", "x");
  const layers = other.layers.map((layer) => ({ ...layer, digest: `chunked ${layer.name}` }));
  const after = forms("b", form("gzip", "x"), { ...other, digest: "chunked x", layers });
  expect(await compareAll(before, after)).toMatchObject({
    before: "a",
    after: "b",
    forms: { before: "zstd", after: "zstd", same: ["gzip"] },
    layers: { same: 1, recompressed: 1, removed: [], added: [] },
    pull: { bytes: 9, layers: 1, of: 9 },
  });
  expect(await compareAll(before, before)).toMatchObject({ before: "a", after: "a", pull: { bytes: 0, layers: 0 } });
});
