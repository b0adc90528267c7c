import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { afterBuild } from "../../src/cache/binary-cache.ts";
import { makeDeletable } from "../../src/cache/make-deletable.ts";
import { parseNarInfo } from "../../src/cache/narinfo.ts";
import { cachePolicy, substituter, targets, type BinaryCache } from "../../src/cache/policy.ts";
import { check, type Spec } from "../../src/language/index.ts";
import { folder } from "../e2e/tools.ts";

const DAY = 24 * 3600;
const hash = (name: string) => name.padEnd(32, "0");
const path = (name: string) => `/nix/store/${hash(name)}-${name}`;

function cacheWith(limits: Partial<BinaryCache>): BinaryCache {
  const cache = { folder: folder(), compression: "none", keep: null, maxSize: null, ...limits };
  mkdirSync(join(cache.folder, "nar"));
  return cache;
}

/** Writes a narinfo and an archive of 100 bytes, as Nix does. */
function archive({ folder: at }: BinaryCache, name: string, ...references: string[]): void {
  const named = references.map((each) => `${hash(each)}-${each}`).join(" ");
  const info = `StorePath: ${path(name)}\nURL: nar/${name}.nar\nNarSize: 100\nReferences: ${named}\n`;
  writeFileSync(join(at, `${hash(name)}.narinfo`), info);
  writeFileSync(join(at, `nar/${name}.nar`), "x".repeat(100));
}

const has = ({ folder: at }: BinaryCache, name: string) =>
  [join(at, `${hash(name)}.narinfo`), join(at, `nar/${name}.nar`)].map((file) => existsSync(file));

test("results unused for longer than `keep` are deleted, with references that nothing else needs", () => {
  const cache = cacheWith({ keep: 14 * DAY });
  archive(cache, "lib");
  archive(cache, "old", "lib");
  archive(cache, "app");
  expect(afterBuild(cache, [path("old")], 0)).toEqual({ paths: 0, bytes: 0, left: 300 });
  expect(afterBuild(cache, [path("app")], 10 * DAY)).toMatchObject({ paths: 0 });
  // Another process has written this archive, and still has to write the narinfo.
  writeFileSync(join(cache.folder, "nar/new.nar"), "x");
  expect(afterBuild(cache, [path("app")], 15 * DAY)).toEqual({ paths: 2, bytes: 200, left: 100 });
  expect(has(cache, "new")).toEqual([false, true]);
  expect(has(cache, "old")).toEqual([false, false]);
  expect(has(cache, "lib")).toEqual([false, false]);
  expect(has(cache, "app")).toEqual([true, true]);
  expect(Object.keys(JSON.parse(readFileSync(join(cache.folder, "imgc-uses.json"), "utf8")) as object)).toEqual([
    hash("app"),
  ]);
});

test("the last build's results are kept, however large they are", () => {
  const cache = cacheWith({ maxSize: 150 });
  archive(cache, "lib");
  archive(cache, "app", "lib");
  archive(cache, "other");
  expect(afterBuild(cache, [path("app")], DAY)).toEqual({ paths: 1, bytes: 100, left: 200 });
  expect(has(cache, "other")).toEqual([false, false]);
});

test("an old archive without a narinfo is deleted, a new one is kept", () => {
  const cache = cacheWith({});
  archive(cache, "app");
  const now = Math.floor(Date.now() / 1000);
  for (const [name, age] of [
    ["new", 60],
    ["left", 2 * 3600],
  ] as const) {
    writeFileSync(join(cache.folder, `nar/${name}.nar`), "x");
    utimesSync(join(cache.folder, `nar/${name}.nar`), now - age, now - age);
  }
  expect(afterBuild(cache, [path("app")], now)).toMatchObject({ paths: 0, bytes: 1 });
  expect(existsSync(join(cache.folder, "nar/new.nar"))).toBe(true);
  expect(existsSync(join(cache.folder, "nar/left.nar"))).toBe(false);
});

test("a narinfo that names an archive outside the cache is rejected", () => {
  const text = (url: string) => `StorePath: ${path("a")}\nURL: ${url}\nReferences: \n`;
  expect(parseNarInfo(text("nar/a.nar"))).toEqual({ storePath: path("a"), file: "nar/a.nar", references: [] });
  expect(parseNarInfo(text("../../etc/passwd"))).toBeUndefined();
  expect(parseNarInfo("no narinfo")).toBeUndefined();
});

test("makeDeletable makes all folders of a store writable for their owner", () => {
  const root = folder();
  const deep = join(root, "nix/store/x-a/b");
  mkdirSync(deep, { recursive: true, mode: 0o755 });
  writeFileSync(join(deep, "file"), "", { mode: 0o444 });
  for (const each of [deep, join(deep, "..")]) chmodSync(each, 0o555);
  makeDeletable(root);
  expect([deep, join(deep, ".."), join(deep, "file")].map((each) => statSync(each).mode & 0o777)).toEqual([
    0o755, 0o755, 0o444,
  ]);
  makeDeletable(join(root, "nowhere"));
});

function specOf(text: string): Spec {
  const { spec, diagnostics } = check(
    { path: "/specs/a.imgspec", text },
    { read: () => undefined, exists: () => true },
  );
  if (spec === undefined) throw new Error(JSON.stringify(diagnostics));
  return spec;
}

test("paths of a policy are relative to the description, durations are in seconds", () => {
  const spec = specOf(`param days = 2d
    image "a" { cache { store "./store" binary-cache "../cache" { keep $days max-size 1KiB } push "s3://bucket" } }
    image "b" { }`);
  const policy = cachePolicy(spec, "/specs");
  expect(policy).toEqual({
    store: "/specs/store",
    binaryCache: { folder: "/cache", compression: "zstd", keep: 2 * DAY, maxSize: 1024 },
    push: "s3://bucket",
  });
  expect(targets(policy)).toEqual(["file:///cache?compression=zstd", "s3://bucket"]);
  expect(substituter(policy.binaryCache as BinaryCache)).toBe("file:///cache?trusted=1&priority=10");
  expect(cachePolicy(spec, "/specs", ["b"])).toEqual({ store: null, binaryCache: null, push: null });
});

test("images with different policies cannot be built together; some folder names are refused", () => {
  const two = specOf('image "a" { cache { store "./a" } } image "b" { cache { store "./b" } }');
  expect(() => cachePolicy(two, "/specs")).toThrow("--image");
  expect(cachePolicy(two, "/specs", ["b"]).store).toBe("/specs/b");
  const odd = specOf('image "a" { cache { binary-cache "./with space" } }');
  expect(() => cachePolicy(odd, "/specs")).toThrow("/specs/with space");
});
