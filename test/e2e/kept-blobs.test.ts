/** `cache { blobs }`: the layers' derivations keep the compressed bytes, with each kind of reuse. */
import { readdirSync, readFileSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { readImageDirectory } from "../../src/image/image-directory.ts";
import { sha256, toHex } from "../../src/oci/digest.ts";
import { build, files, imgc, registry, tool } from "./tools.ts";

const text = (cache: string, entries = `files { "/etc/motd" text "hello" }`) => `image "test/kept" {
  tag "v1"
  store [ nix ''writeText "kept" "${"some words ".repeat(99)} ''\${openssl}"'' ]
  layers { layer "runtime" [ openssl ] each }
  ${entries}
  cache { ${cache} }
}`;
const specOf = (content: string) => files({ "kept.imgspec": content });

let plain: Buffer;
beforeAll(async () => {
  plain = readImageDirectory((await build(specOf(text("")))).path).manifestBytes;
});

test.each(["layer", "group"])("with `reuse %s`, the image stays the same and refers to the blobs", async (reuse) => {
  const spec = specOf(text(`blobs reuse ${reuse}`));
  const { path } = await build(spec);
  const { layers, manifestBytes } = readImageDirectory(path);
  expect(manifestBytes).toEqual(plain);
  for (const { blobFile, digest } of layers) expect(sha256(readFileSync(blobFile as string))).toBe(digest);
  const closure = (await tool("nix-store", ["--query", "--requisites", realpathSync(path)])).stdout.split("\n");
  for (const { blobFile } of layers) expect(closure).toContain(join(blobFile as string, ".."));
  expect((await imgc("verify", path)).stdout).toContain("OK");
});

test("a push sends the kept bytes, and an OCI layout links them", async () => {
  const spec = specOf(text("blobs reuse group", ""));
  const { path } = await build(spec);
  const { layers } = readImageDirectory(path);
  const { path: layout } = await build(spec, { attribute: "oci" });
  // The layer of files is empty, so the layout has no blob of it: only the layers, the config and the manifest.
  expect(readdirSync(join(layout, "blobs/sha256"))).toHaveLength(layers.length + 2);
  for (const { blobFile, digest } of layers) {
    expect(realpathSync(join(layout, "blobs/sha256", toHex(digest)))).toBe(blobFile);
  }
  const address = await registry();
  const pushed = await imgc("push", path, `${address}/kept/app`, "--insecure");
  const read = await tool("skopeo", ["inspect", "--raw", "--tls-verify=false", `docker://${address}/kept/app:v1`]);
  expect(pushed.stdout).toContain(sha256(Buffer.from(read.stdout)));
});
