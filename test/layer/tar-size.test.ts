import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { layerChunks } from "../../src/layer/stream.ts";
import { tarSize } from "../../src/layer/tar-size.ts";
import type { LayerContent } from "../../src/layer/recipe.ts";
import { folder } from "../e2e/tools.ts";

test("the size of a layer, computed without reading files, is the size of its tar stream", () => {
  const root = folder();
  const path = `/nix/store/${"0".repeat(32)}-app`;
  mkdirSync(join(root, path, "bin"), { recursive: true });
  for (const size of [0, 1, 511, 512, 513, 3_000_000])
    writeFileSync(join(root, path, `bin/${"long-name-".repeat(size % 20)}${size}`), "x".repeat(size));
  symlinkSync(`/nix/store/${"somewhere-".repeat(20)}`, join(root, path, "link"));
  chmodSync(join(root, path, "bin"), 0o555);
  const owner = { uid: 3_000_000, gid: 0 };
  const entries: LayerContent["entries"] = [
    { kind: "directory", path: "/srv", mode: 0o755, ...owner },
    { kind: "copy", path: "/srv/app", source: `${path}/bin`, mode: null, ...owner },
    { kind: "text", path: "/srv/motd", text: "é".repeat(300), mode: 0o644, capabilities: ["net-raw"], ...owner },
    { kind: "link", path: "/srv/x", target: "/y", ...owner },
    { kind: "remove", path: "/etc/old", opaque: false },
  ];
  for (const content of [
    { paths: [path], entries: [], permissions: [] },
    { paths: [], entries, permissions: [] },
    { paths: [], entries: [], permissions: [] },
  ]) {
    const bytes = [...layerChunks(content, root)].reduce((sum, chunk) => sum + chunk.length, 0);
    expect(tarSize(content, root)).toBe(bytes);
  }
});
