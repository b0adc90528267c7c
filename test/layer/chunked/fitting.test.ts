import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { digestLayer } from "../../../src/layer/digest.ts";
import type { RootEntry } from "../../../src/layer/recipe.ts";

const compression = { algorithm: "zstd", level: null, chunked: true } as const;
const owner = { uid: 0, gid: 0 };
const file = { kind: "text", text: "x", mode: 0o644, ...owner } as const;
let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "imgc-fitting-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const made = (entries: RootEntry[]) => digestLayer("files", { paths: [], entries, permissions: [] }, compression);

test("a layer is zstd:chunked, with annotations and the diff ID of its plain form", async () => {
  const layer = await made([{ ...file, path: "/a" }]);
  expect(layer.compression).toEqual(compression);
  expect(Object.keys(layer.annotations ?? {}).length).toBe(5);
  expect(layer.compressor).toMatch(/^zstd .*, chunked 1$/);
  const plain = await digestLayer("files", layer.content, { algorithm: "none", level: null });
  expect(layer.diffId).toBe(plain.diffId);
});

test("a layer that clients would refuse is compressed with plain zstd", async () => {
  mkdirSync(join(folder, "odd"));
  writeFileSync(Buffer.concat([Buffer.from(`${folder}/odd/`), Buffer.from([0xff])]), "");
  const refused: RootEntry[][] = [
    [
      { ...file, path: "/a" },
      { ...file, path: "/a" },
    ],
    [{ kind: "copy", path: "/a", source: join(folder, "odd"), mode: null, ...owner }],
    [{ ...file, path: "/a", kept: { mtime: "999999999999" } }],
    Array.from({ length: 7000 }, (_, i) => ({ ...file, path: `/${i}${"n".repeat(4000)}` })),
  ];
  for (const entries of refused) {
    const layer = await made(entries);
    expect(layer.compression).toEqual({ algorithm: "zstd", level: null });
    expect(layer.annotations).toBeUndefined();
  }
});
