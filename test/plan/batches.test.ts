import { expect, test } from "vitest";
import { batchesOf, WITH_PLAN } from "../../src/plan/batches.ts";
import { BLOCK, hashGroups, type LayerPlace } from "../../src/plan/layer-blocks.ts";
import { smallLayers } from "../../src/plan/small-layers.ts";
import type { ClosurePath } from "../../src/plan/graph.ts";

const store = (name: string) => `/nix/store/${"0".repeat(32)}-${name}`;

/** A layer for each of `count` libraries, for an application that needs them, and for a large library. */
function image(count: number, place: (i: number) => LayerPlace = (i) => ({ number: i + 1, shared: undefined })) {
  const libraries = Array.from({ length: count }, (_, i) => store(`lib-${i.toString(36)}x-1.0`));
  const closure: ClosurePath[] = [
    ...libraries.map((path) => ({ path, narSize: 1e5, references: [] })),
    { path: store("large-1.0"), narSize: 5e7, references: [] },
    { path: store("app-1"), narSize: 10, references: [...libraries, store("large-1.0")] },
  ];
  const layers = closure.map(({ path }) => ({ name: "auto", paths: [path] }));
  const batches = batchesOf(
    layers,
    closure,
    layers.map((_, i) => place(i)),
  );
  return { batches, libraries };
}

test("small layers of a block of numbers share a batch; large layers do not; the plan makes the layer of the application", () => {
  const { batches } = image(80);
  expect(batches.slice(80)).toEqual([undefined, WITH_PLAN]);
  const members = Map.groupBy(batches.slice(0, 80).keys(), (i) => batches[i]);
  expect([...members.values()]).toEqual(
    Array.from({ length: 80 / BLOCK }, (_, block) => Array.from(Array(BLOCK).keys(), (i) => BLOCK * block + i)),
  );
});

test("of many application paths, only the roots are layers of the application", () => {
  const tops = Array.from({ length: 30 }, (_, i) => store(`top${i}x-1`));
  const closure: ClosurePath[] = [
    { path: store("library-1"), narSize: 1e6, references: [] },
    ...tops.map((path) => ({ path, narSize: 1e3, references: [path, store("library-1")] })),
    { path: store("app-1"), narSize: 10, references: tops },
  ];
  expect(
    smallLayers(
      closure.map(({ path }) => [path]),
      closure,
    ),
  ).toEqual(closure.map((_, i) => (i < closure.length - 1 ? "stable" : "application")));
});

test("few layers have no batches, except for the layer of the application", () => {
  expect(image(15).batches.filter((batch) => batch !== undefined)).toEqual([WITH_PLAN]);
});

test("layers that images share have the same batches in each of these images", () => {
  const shared = (numbers: number) => (i: number) => ({ number: numbers + i, shared: i < 14 ? "1" : undefined });
  const [a, b] = [image(80, shared(1)), image(40, shared(101))] as const;
  const batchesOfShared = ({ batches }: typeof a) => [
    ...Map.groupBy(
      Array.from({ length: 14 }, (_, i) => i),
      (i) => batches[i],
    ).values(),
  ];
  expect(batchesOfShared(a)).toEqual(batchesOfShared(b));
  expect(a.batches.slice(0, 14)).not.toContain(undefined);
  for (const batch of a.batches.slice(14)) expect(a.batches.slice(0, 14)).not.toContain(batch ?? "none");
});

test("the plan makes no large layer of the application, and none that images share", () => {
  const closure = (size: number): ClosurePath[] => [
    { path: store("library-1"), narSize: 1e6, references: [] },
    { path: store("app-1"), narSize: size, references: [store("library-1")] },
  ];
  const batchOf = (size: number, shared?: string) => {
    const layers = closure(size).map(({ path }) => ({ name: "auto", paths: [path] }));
    return batchesOf(
      layers,
      closure(size),
      layers.map((_, i) => ({ number: i + 1, shared })),
    )[1];
  };
  expect([batchOf(1e6), batchOf(1e7), batchOf(1e6, "1")]).toEqual([WITH_PLAN, undefined, undefined]);
});

test("a new item leaves most groups as they are", () => {
  const names = Array.from({ length: 80 }, (_, i) => `lib-${i.toString(36)}x`);
  const groups = (items: string[]) => hashGroups(items, (name) => name);
  const before = groups(names);
  expect(before.flat().toSorted()).toEqual(names.toSorted());
  expect(Math.max(...before.map(({ length }) => length))).toBeLessThanOrEqual(BLOCK);
  const after = new Set(groups([...names, "one-more"]).map((group) => group.join()));
  expect(before.filter((group) => !after.has(group.join())).length).toBeLessThanOrEqual(1);
});
