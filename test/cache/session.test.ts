import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { CacheSession } from "../../src/cache/session.ts";
import { folder } from "../e2e/tools.ts";
import { setEnvironment } from "../fake-tool.ts";

const NONE = { store: null, binaryCache: null, push: null };

function session(policy: Partial<ConstructorParameters<typeof CacheSession>[0]>): {
  cache: CacheSession;
  notes: string[];
} {
  const notes: string[] = [];
  return { cache: new CacheSession({ ...NONE, ...policy }, (note) => void notes.push(note)), notes };
}

test("without settings, a build has no options, and nothing is copied", async () => {
  using cache = session({}).cache;
  expect([cache.options, cache.root, cache.copies]).toEqual([[], "", false]);
  await cache.finish(["/nix/store/missing"]);
});

test("a store and a binary cache become options of Nix, with a hook that exists during the build", () => {
  const at = folder();
  const binaryCache = { folder: join(at, "cache"), compression: "zstd", keep: null, maxSize: null };
  const { cache, notes } = session({ store: join(at, "store"), binaryCache });
  const hook = cache.options.at(-1) ?? "";
  expect(cache.options.slice(0, 2)).toEqual(["--store", join(at, "store")]);
  expect(cache.options).toContain(`file://${join(at, "cache")}?trusted=1&priority=10`);
  expect([cache.copies, existsSync(hook), existsSync(join(at, "cache/nar"))]).toEqual([true, true, true]);
  cache[Symbol.dispose]();
  expect([existsSync(hook), notes]).toEqual([false, []]);
});

test("a folder that cannot be made is a note for a cache, and an error for a store", () => {
  const file = join(folder(), "file");
  writeFileSync(file, "");
  const { cache, notes } = session({
    binaryCache: { folder: join(file, "cache"), compression: "zstd", keep: null, maxSize: null },
  });
  expect([cache.options, cache.copies, notes]).toEqual([
    [],
    false,
    [expect.stringContaining("cannot use the binary cache")],
  ]);
  expect(() => session({ store: join(file, "store") })).toThrow("cannot build in the store");
});

test("a failed copy is a note", async () => {
  setEnvironment({ PATH: folder() });
  const root = folder();
  mkdirSync(join(root, "nix/store/a-result"), { recursive: true });
  const { cache, notes } = session({ store: root, push: "s3://bucket" });
  await cache.finish(["/nix/store/a-result", "/nix/store/b-missing"]);
  expect(notes).toEqual([expect.stringContaining("cannot copy to s3://bucket")]);
  cache[Symbol.dispose]();
});
