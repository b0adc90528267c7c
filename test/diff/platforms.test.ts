import { expect, test } from "vitest";
import { compareAll } from "../../src/diff/compare.ts";
import { encode } from "../../src/oci/documents.ts";
import type { AnyImages } from "../../src/image/any-image.ts";

/** Images without layers, one for each platform. */
function images(digest: string, ...platforms: string[]): AnyImages {
  const each = platforms.map((platform) => {
    const configBytes = encode({ os: "linux", architecture: platform, rootfs: { type: "layers", diff_ids: [] } });
    return { digest: `${digest} ${platform}`, platform, configBytes, documents: 1, layers: [] };
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
  await expect(compareAll(duplicates, several)).rejects.toThrow("several images for linux/amd64");
});
