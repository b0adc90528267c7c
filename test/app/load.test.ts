import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { loadImage } from "../../src/app/load.ts";
import { destinationsOf } from "../../src/app/push.ts";
import { readIndexDirectory } from "../../src/image/index-directory.ts";
import { sha256, toHex } from "../../src/oci/digest.ts";
import { folder } from "../e2e/tools.ts";
import { fakeTool } from "../fake-tool.ts";
import { makeForms } from "../serve/image.ts";

test("load and push name an image in two forms without a tag by the digest of its index", async () => {
  const at = fakeTool("podman", 'fs.appendFileSync(at + "/calls", args.join(" ") + "\\n");');
  const { images, bytes } = readIndexDirectory(await makeForms(folder(), "untagged", { layers: { app: "app" } }));
  const digestTag = (document: Buffer) => toHex(sha256(document)).slice(0, 32);
  const untagged = images.map((image) => ({ ...image, file: { ...image.file, tag: digestTag(image.manifestBytes) } }));
  const { signal } = new AbortController();
  const { name } = await loadImage(untagged, "podman", { signal, onLayer: () => {}, note: () => {} });
  expect(name).toBe(`test/app:${digestTag(bytes)}`);
  expect(readFileSync(join(at, "calls"), "utf8")).toMatch(new RegExp(`^tag \\S+ ${name}$`, "m"));
  expect(destinationsOf(untagged, ["registry.example.org/app"])).toEqual([
    { name: "registry.example.org/app", tag: digestTag(bytes) },
  ]);
});
