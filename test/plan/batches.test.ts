import { expect, test } from "vitest";
import { batchesOf } from "../../src/plan/batches.ts";
import type { ClosurePath } from "../../src/plan/graph.ts";

const store = (name: string) => `/nix/store/${"0".repeat(32)}-${name}`;

/** A layer for each of `count` libraries, for an application that needs them, and for a large library. */
function image(count: number, version = "1") {
  const libraries = Array.from({ length: count }, (_, i) => store(`lib-${i.toString(36)}x-1.0`));
  const closure: ClosurePath[] = [
    ...libraries.map((path) => ({ path, narSize: 1e5, references: [] })),
    { path: store("large-1.0"), narSize: 5e7, references: [] },
    { path: store(`app-${version}`), narSize: 10, references: [...libraries, store("large-1.0")] },
  ];
  const layers = closure.map(({ path }) => ({ name: "auto", paths: [path] }));
  const batches = batchesOf(layers, closure);
  return new Map(closure.map(({ path }, i) => [path, batches[i]]));
}

test("small layers share batches; large layers and layers of the application do not", () => {
  const batches = image(80);
  expect(batches.get(store("large-1.0"))).toBeUndefined();
  expect(batches.get(store("app-1"))).toBeUndefined();
  const members = Map.groupBy(batches.keys(), (path) => batches.get(path));
  members.delete(undefined);
  const sizes = [...members.values()].map(({ length }) => length);
  expect(Math.max(...sizes)).toBeLessThanOrEqual(12);
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeGreaterThan(75);
  expect(sizes.length).toBeLessThan(20);
});

test("few layers have no batches", () => {
  expect([...image(15).values()].filter((batch) => batch !== undefined)).toEqual([]);
});

test("a change of the application, and one more layer, leave most batches as they are", () => {
  const before = image(80);
  for (const [path, batch] of image(80, "2")) if (!path.includes("app")) expect(batch).toBe(before.get(path));
  const after = image(81);
  const moved = [...before].filter(([path, batch]) => after.get(path) !== batch);
  expect(moved.length).toBeLessThanOrEqual(12);
});
