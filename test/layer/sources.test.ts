import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { LayerContent } from "../../src/layer/recipe.ts";
import { OutsideStore, requireInStore } from "../../src/layer/sources.ts";

const NAME = `${"a".repeat(32)}-x`;
const STORE_PATH = `/nix/store/${NAME}`;
let root: string;

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "imgc-test-"));
  mkdirSync(join(root, STORE_PATH), { recursive: true });
  mkdirSync(join(root, "home"));
  writeFileSync(join(root, "home/secret"), "secret");
  writeFileSync(join(root, STORE_PATH, "data"), "data");
  symlinkSync("data", join(root, STORE_PATH, "inside"));
  symlinkSync(join(root, "home"), join(root, STORE_PATH, "out"));
  symlinkSync("/elsewhere", join(root, `${STORE_PATH}-link`));
});
afterAll(() => rmSync(root, { recursive: true }));

const copies = (source: string): LayerContent => ({
  paths: [],
  permissions: [],
  entries: [{ kind: "copy", path: "/x", source, mode: null, uid: 0, gid: 0 }],
});
const blob = (file: string): LayerContent => ({
  paths: [],
  permissions: [],
  entries: [],
  blob: { file, offset: 0, size: 1 },
});
const paths = (path: string): LayerContent => ({ paths: [path], permissions: [], entries: [] });

test.each<[string, LayerContent]>([
  ["a file of a store path", copies(`${STORE_PATH}/data`)],
  ["a link within the store", copies(`${STORE_PATH}/inside`)],
  ["a store path", paths(STORE_PATH)],
  ["a store path that is a link", paths(`${STORE_PATH}-link`)],
  ["a blob", blob(`${STORE_PATH}/data`)],
])("may be read: %s", (_, content) => {
  expect(() => requireInStore(content, root)).not.toThrow();
});

test.each<[string, LayerContent]>([
  ["a copy", copies(`${STORE_PATH}/out/secret`)],
  ["a store path", paths(`${STORE_PATH}/out/secret`)],
  [
    "modes",
    {
      ...copies(STORE_PATH),
      entries: [{ ...copies(STORE_PATH).entries[0], modes: `${STORE_PATH}/out/secret` } as never],
    },
  ],
  ["a blob", blob(`${STORE_PATH}/out/secret`)],
])("is refused if a link leads out of the store: %s", (_, content) => {
  expect(() => requireInStore(content, root)).toThrow(OutsideStore);
});
