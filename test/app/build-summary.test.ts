import { mkdirSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { EMPTY_LOCK } from "../../src/lock/lock-file.ts";
import { summaries } from "../../src/app/build-summary.ts";
import { readImageDirectory } from "../../src/image/image-directory.ts";
import { sha256 } from "../../src/oci/digest.ts";
import { folder } from "../e2e/tools.ts";
import { makeImage } from "../serve/image.ts";

test("a summary tells new layers from reused ones", async () => {
  const root = folder();
  const path = await makeImage(root, "summary", { layers: { libc: "c", app: "data" } });
  // As Nix makes it: the recipes are outputs of other derivations, and the image links to them.
  for (const [i, name] of ["libc", "app"].entries()) {
    const output = `${root}/nix/store/${String(i).repeat(32)}-layer-${name}`;
    mkdirSync(output);
    const link = join(path, `layers/00${i}.json`);
    renameSync(link, join(output, "layer.json"));
    symlinkSync(join(output, "layer.json"), link);
  }
  const derivation = "/nix/store/22222222222222222222222222222222-layer-app.drv";
  const made = `/nix/store/${"1".repeat(32)}-layer-app`;
  writeFileSync(root + derivation, `Derive([("out","${made}","","")],[],[],"x","/bin/node",[],[])`);
  const image = readImageDirectory(path);
  const built = [{ derivation, name: "layer-app" }] as unknown as Parameters<typeof summaries>[0]["built"];
  const images = [{ output: "/out", image, digest: sha256(image.manifestBytes), inputs: {} }];
  const [summary] = summaries({ images, built, root, lock: EMPTY_LOCK, sharing: undefined });
  expect(summary).toMatchObject({
    name: "test/app",
    tag: "v1",
    digest: sha256(image.manifestBytes),
    layers: [
      { name: "libc", built: false },
      { name: "app", built: true },
    ],
    output: "/out",
  });
  expect(summary?.unpackedSize).toBe(image.layers.reduce((sum, { diffSize }) => sum + diffSize, 0));
});
