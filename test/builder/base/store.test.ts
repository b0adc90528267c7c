import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { describePaths, unpackStore } from "../../../src/builder/base/store.ts";
import type { BaseLayer } from "../../../src/builder/base/source.ts";
import { narDigest } from "../../../src/layer/nar.ts";
import type { RootEntry } from "../../../src/layer/recipe.ts";
import { layerChunks } from "../../../src/layer/stream.ts";

const STORE = "/nix/store";
const [NAME, OTHER] = ["a", "b"].map((letter) => `${letter.repeat(32)}-${letter}`) as [string, string];
const owner = { uid: 0, gid: 0 };
let folder: string;

beforeEach(() => {
  vi.stubEnv("NIX_STORE", STORE);
  folder = mkdtempSync(join(tmpdir(), "imgc-test-"));
  onTestFinished(() => {
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true });
  });
});

const text = (path: string, contents: string): RootEntry => ({
  kind: "text",
  path,
  text: contents,
  mode: 0o644,
  ...owner,
});
const link = (path: string, target: string): RootEntry => ({ kind: "link", path, target, ...owner });

/** Unpacks layers; each list of entries is a layer. */
async function unpacked(layers: RootEntry[][], wanted = [NAME]): Promise<string> {
  const made = layers.map((entries, i): BaseLayer => {
    const chunks = Array.from(layerChunks({ paths: [], entries, permissions: [] }), (chunk) => Buffer.from(chunk));
    const bytes = Buffer.concat(chunks);
    const file = join(folder, `layer-${i}`);
    writeFileSync(file, bytes);
    return { blob: { file, offset: 0, size: bytes.length }, algorithm: "none", digest: undefined };
  });
  const into = join(folder, "store");
  await unpackStore(made, new Set(wanted), into);
  return into;
}

test("an unpacked path has the original's NAR hash, and references to the store paths in its bytes", async () => {
  const original = join(folder, "original");
  mkdirSync(join(original, "bin"), { recursive: true });
  writeFileSync(join(original, "bin/run"), `#!${STORE}/${OTHER}/bin/sh\n`, { mode: 0o755 });
  writeFileSync(join(original, "bin-data"), "");
  symlinkSync(`${STORE}/${NAME}/bin/run`, join(original, "run"));
  const into = await unpacked([
    [
      { kind: "copy", path: `${STORE}/${NAME}`, source: original, mode: null, ...owner },
      text("/etc/x", "not of the store"),
    ],
  ]);
  const { hash, size } = narDigest(original);
  expect(describePaths(into, [NAME], [NAME, OTHER])).toEqual([
    {
      path: `${STORE}/${NAME}`,
      narHash: `sha256:${hash.toString("hex")}`,
      narSize: size,
      references: [`${STORE}/${NAME}`, `${STORE}/${OTHER}`],
    },
  ]);
});

test("higher layers remove and replace files, and unwanted paths are not unpacked", async () => {
  const into = await unpacked([
    [text(`${STORE}/${NAME}/gone`, "1"), text(`${STORE}/${NAME}/kept`, "1"), text(`${STORE}/${OTHER}`, "1")],
    [text(`${STORE}/${NAME}/.wh.gone`, ""), text(`${STORE}/${NAME}/kept`, "22")],
  ]);
  const original = join(folder, "original");
  mkdirSync(original);
  writeFileSync(join(original, "kept"), "22");
  expect(narDigest(join(into, NAME))).toEqual(narDigest(original));
  expect(existsSync(join(into, OTHER))).toBe(false);
});

test("no entry is written through a link", async () => {
  const outside = join(folder, "outside");
  mkdirSync(outside);
  const layers = [[link(`${STORE}/${NAME}/l`, outside)], [text(`${STORE}/${NAME}/l/deep/file`, "x")]];
  await expect(unpacked(layers)).rejects.toThrow("is below a file or link");
  expect(existsSync(join(outside, "deep"))).toBe(false);
});
