import { expect, test } from "vitest";
import { pastOf, type LockedLayers, type Sharing } from "../../src/lock/layers.ts";
import { firstRecords, lastRecords, recordBuild, type LockedImage } from "../../src/lock/locked-image.ts";
import { parseLock, printLock, EMPTY_LOCK } from "../../src/lock/lock-file.ts";
import { plan } from "../../src/plan/plan.ts";
import type { ClosurePath } from "../../src/plan/graph.ts";

const PLATFORM = "linux/amd64";

/** A closure of packages, given as "name-version"; the application refers to all of them. */
function closure(...packages: string[]): ClosurePath[] {
  const pathOf = (name: string) => `/nix/store/${name.replace(/[^a-z0-9]/g, "").padEnd(32, "0")}-${name}`;
  const paths = packages.map((name, i) => ({ path: pathOf(name), narSize: 1000 * (i + 1), references: [] }));
  return [...paths, { path: pathOf("app-1"), narSize: 10, references: paths.map(({ path }) => path) }];
}

/** Plans with the records that nix/plan-history.nix would select, and records the build. */
function build(entry: LockedImage | undefined, paths: ClosurePath[], input: string, sharing?: Sharing) {
  const isRecorded = entry?.usedInputs?.[PLATFORM]?.["app"] === input;
  const used = entry && (isRecorded ? replaced(entry) : lastRecords(entry));
  const past = used === undefined ? {} : { past: pastOf(used, paths) };
  const layers = plan({ closure: paths, steps: [{ kind: "auto" }], budget: 3, ...past }).map((layer) => layer.paths);
  const inputs = { [PLATFORM]: { app: input } };
  return { used, layers, entry: recordBuild(entry, { platform: PLATFORM, closure: paths, layers, inputs, sharing }) };
}

function replaced({ before = null, contents, packages, shared = {} }: LockedImage): LockedLayers | undefined {
  const select = (texts: Record<string, string>) =>
    Object.fromEntries(
      Object.entries(texts)
        .map(([name, text]): [string, string] => [name, text.split("; before ").at(-1) as string])
        .filter(([, text]) => text !== "none"),
    );
  if (before === null) return undefined;
  const classes = select(shared);
  return {
    rebuilds: before,
    contents: select(contents),
    packages: select(packages),
    ...(Object.keys(classes).length === 0 ? {} : { shared: classes }),
  };
}

test("the same inputs are planned with the same records", () => {
  const first = build(undefined, closure("a-1", "b-1", "c-1", "d-1"), "one");
  const again = build(first.entry, closure("a-1", "b-1", "c-1", "d-1"), "one");
  expect(again.used).toBeUndefined();
  expect(again.entry).toBe(first.entry);

  const changed = closure("a-2", "b-1", "c-1", "e-1");
  const second = build(first.entry, changed, "two");
  expect(second.used).toEqual(lastRecords(first.entry));
  expect(second.entry).not.toBe(first.entry);
  const third = build(second.entry, changed, "two");
  expect(third.used).toEqual(second.used);
  expect(third.layers).toEqual(second.layers);
  expect(third.entry).toBe(second.entry);
});

test("other inputs are planned with the last records, which stay if nothing changes", () => {
  const paths = closure("a-1", "b-1", "c-1", "d-1");
  const first = build(undefined, paths, "one");
  const other = build(first.entry, paths, "two");
  expect(other.used).toEqual(lastRecords(first.entry));
  expect(other.entry).toBe(first.entry);
});

test("each replaced record stands beside the record that replaced it", () => {
  const first = build(undefined, closure("a-1", "b-1"), "one");
  const { entry } = build(first.entry, closure("a-2", "c-1"), "two");
  expect(entry.packages).toMatchObject({
    a: expect.stringMatching(/^layer \d, version 2, changed 1; before layer \d, version 1$/) as string,
    b: expect.stringMatching(/^none; before layer \d, version 1$/) as string,
    c: expect.stringMatching(/^layer \d, version 1; before none$/) as string,
    app: expect.stringMatching(/^layer \d, version 1$/) as string,
  });
  expect(lastRecords(entry).packages).not.toHaveProperty("b");
  const lock = { ...EMPTY_LOCK, layers: { shop: entry } };
  expect(parseLock(printLock(lock))).toEqual(lock);
  expect(printLock(lock)).toMatch(/^ {10}"app": "two"$/m);
});

const sharing: Sharing = { packages: { a: "1", b: "1" }, shared: { "1": "2 layers with shop/web" } };

test("an image is planned with the classes of its first records, also when it is built again", () => {
  const seed = firstRecords(sharing);
  expect(seed).toMatchObject({ packages: { a: "shared 1" }, shared: sharing.shared });
  const paths = closure("a-1", "b-1", "c-1", "d-1");
  expect(pastOf(seed, paths).shared).toEqual([{ paths: [paths[0]?.path, paths[1]?.path], layers: 2 }]);
  const first = build(seed, paths, "one", sharing);
  expect(first.layers).toContainEqual([paths[0]?.path]);
  expect(first.entry).toMatchObject({ rebuilds: 0, packages: { a: "layer 1, version 1, shared 1; before shared 1" } });
  const again = build(first.entry, paths, "one", sharing);
  expect(again.used).toEqual(seed);
  expect(again.entry).toBe(first.entry);
});

test("new classes change the plan only with its inputs", () => {
  const paths = closure("a-1", "b-1", "c-1", "d-1");
  const first = build(undefined, paths, "one");
  const shared = build(first.entry, paths, "one", sharing);
  expect(shared.used).toBeUndefined();
  expect(shared.entry.packages["a"]).toBe("layer 1, version 1, shared 1");
  const again = build(shared.entry, paths, "one", sharing);
  expect(again.used).toBeUndefined();
  expect(again.entry).toBe(shared.entry);
  const next = build(again.entry, closure("a-1", "b-1", "c-1", "d-2"), "two");
  expect(next.layers).toContainEqual([paths[0]?.path]);
  expect(lastRecords(next.entry).shared).toEqual(sharing.shared);
});
