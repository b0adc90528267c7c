import fc from "fast-check";
import { expect, test } from "vitest";
import { layerPlaces, nextLock, type LockedLayers } from "../../src/lock/layers.ts";
import { batchesOf } from "../../src/plan/batches.ts";
import { BLOCK } from "../../src/plan/layer-blocks.ts";

const letters = "0123456789abcdfghijklmnpqrsvwxyz";

/** Layers of one package each: `versions` by the name of the package. No package refers to another, except the application. */
function image(versions: Record<string, number>) {
  const paths = Object.entries(versions).map(([name, version]) => {
    const hash = (letters[version % 32] as string).repeat(32);
    return { path: `/nix/store/${hash}-${name}-1.${version}`, narSize: 1000, references: [] as string[] };
  });
  const app = { path: `/nix/store/${"a".repeat(32)}-app`, narSize: 10, references: paths.map(({ path }) => path) };
  const closure = [...paths, app];
  return { closure, layers: closure.map(({ path }) => [path]) };
}

const packages = (count: number, prefix = "lib") =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`${prefix}${i.toString(36)}`, 1]));

/** The layers that derivations make: each derivation as the sorted paths of its layers. */
function derivations({ closure, layers }: ReturnType<typeof image>, lock?: LockedLayers): Set<string> {
  const named = layers.map((paths) => ({ name: "auto", paths }));
  const batches = batchesOf(named, closure, layerPlaces(lock, closure, layers));
  const made = Map.groupBy(layers.keys(), (i) => batches[i] ?? `own ${i}`);
  return new Set(
    [...made.values()].map((members) =>
      members
        .map((i) => layers[i]?.join() ?? "")
        .toSorted()
        .join(),
    ),
  );
}

/** The number of layers that are hashed after a change. */
function hashedAgain(before: ReturnType<typeof image>, after: ReturnType<typeof image>): number {
  const lock = nextLock(undefined, before.closure, before.layers);
  const known = derivations(before);
  return [...derivations(after, lock)]
    .filter((made) => !known.has(made))
    .join()
    .split(",").length;
}

test("new packages join one block of old layers", () => {
  const old = packages(60);
  expect(hashedAgain(image(old), image({ ...old, ...packages(3, "new") }))).toBeLessThanOrEqual(BLOCK + 1);
});

test("a new package takes the place of a removed one", () => {
  const { libx, ...old } = packages(60);
  expect(libx).toBe(1);
  expect(hashedAgain(image(packages(60)), image({ ...old, other: 1 }))).toBeLessThanOrEqual(BLOCK + 1);
});

test("an unchanged image keeps its numbers, and a changed layer keeps its number", () => {
  const places = (versions: Record<string, number>, lock?: LockedLayers) => {
    const { closure, layers } = image(versions);
    return layerPlaces(lock, closure, layers).map(({ number }) => number);
  };
  const { closure, layers } = image(packages(40));
  const lock = nextLock(undefined, closure, layers);
  expect(places(packages(40), lock)).toEqual(places(packages(40)));
  expect(places({ ...packages(40), lib3: 2 }, lock)).toEqual(places(packages(40)));
});

test("every layer has a number of its own, for all locks", () => {
  const lock = fc.dictionary(
    fc.constantFrom(...Object.keys(packages(40))),
    fc.constantFrom(
      "layer 1",
      "layer 9",
      "layer 999999",
      "layer 9999999999999999999999, version 1",
      "layer 0",
      "shared 1",
    ),
  );
  fc.assert(
    fc.property(lock, fc.nat(40), (entries, count) => {
      const { closure, layers } = image(packages(count));
      const numbers = layerPlaces({ rebuilds: 1, contents: {}, packages: entries }, closure, layers).map(
        (place) => place.number,
      );
      expect(new Set(numbers).size).toBe(layers.length);
      expect(numbers.every((number) => Number.isSafeInteger(number) && number > 0)).toBe(true);
    }),
  );
});
