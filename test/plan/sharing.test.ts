import fc from "fast-check";
import { expect, test } from "vitest";
import { makeGraph, reachable, type ClosurePath } from "../../src/plan/graph.ts";
import { plan } from "../../src/plan/plan.ts";
import { savedBytes, shareLayers, type SharedClass, type SharingImage } from "../../src/plan/sharing.ts";

/** Images that hold the closures of random paths of one package set. Each path refers only to earlier paths. */
const families = fc
  .tuple(
    fc.array(fc.record({ size: fc.integer({ min: 1, max: 1000 }), back: fc.array(fc.nat(20), { maxLength: 3 }) }), {
      minLength: 1,
      maxLength: 60,
    }),
    fc.array(fc.record({ roots: fc.array(fc.nat(59), { minLength: 1 }), budget: fc.integer({ min: 1, max: 30 }) }), {
      minLength: 1,
      maxLength: 6,
    }),
  )
  .map(([nodes, images]) => {
    const set = nodes.map(({ size, back }, i): ClosurePath => {
      const references = [...new Set(back.map((b) => i - b))].filter((j) => j >= 0).map((j) => `/nix/store/p${j}`);
      return { path: `/nix/store/p${i}`, narSize: size, references };
    });
    const graph = makeGraph(set);
    return images.map(({ roots, budget }, i): SharingImage => {
      const held = reachable(
        graph,
        roots.map((root) => graph.index.get(`/nix/store/p${root % set.length}`) as number),
      );
      const closure = set.filter(({ path }) => held.has(graph.index.get(path) as number));
      return { name: `image${i}`, closure, paths: closure.map(({ path }) => path), budget, form: "" };
    });
  });

const planOf = ({ name, closure, budget }: SharingImage, classes: SharedClass[]) =>
  plan({
    closure,
    steps: [{ kind: "auto" }],
    budget,
    past: {
      rebuilds: 0,
      changes: new Map(),
      layers: [],
      shared: classes.filter(({ images }) => images.includes(name)),
    },
  }).map(({ paths }) => paths);

test("each class has layers for its images, which hold all its paths", () => {
  fc.assert(
    fc.property(families, (images) => {
      const classes = shareLayers(images);
      const all = classes.flatMap(({ images: names, paths }) =>
        paths.flatMap((path) => names.map((n) => `${n} ${path}`)),
      );
      expect(new Set(all).size).toBe(all.length);
      for (const { images: names, paths, layers } of classes) {
        expect(names.length).toBeGreaterThan(1);
        expect(layers).toBeGreaterThan(0);
        expect(layers).toBeLessThanOrEqual(paths.length);
        for (const name of names)
          expect(images.find((each) => each.name === name)?.paths).toEqual(expect.arrayContaining(paths));
      }
    }),
  );
});

test("the images of a class have the same layers of its paths, and every plan is complete and within its budget", () => {
  fc.assert(
    fc.property(families, (images) => {
      const classes = shareLayers(images);
      const plans = new Map(images.map((image) => [image.name, planOf(image, classes)]));
      for (const { name, paths, budget } of images) {
        const layers = plans.get(name) as string[][];
        expect(layers.length).toBeLessThanOrEqual(budget);
        expect(layers.flat().toSorted()).toEqual(paths.toSorted());
      }
      const isFull = (name: string) =>
        classes.filter((each) => each.images.includes(name)).reduce((sum, { layers }) => sum + layers, 0) >=
        (images.find((each) => each.name === name)?.budget as number);
      for (const { images: names, paths } of classes) {
        const own = new Set(paths);
        const splits = names
          .filter((name) => !isFull(name))
          .map((name) => plans.get(name)?.filter((layer) => layer.some((path) => own.has(path))));
        for (const split of splits) expect(split).toEqual(splits[0]);
      }
    }),
  );
});

test("recorded classes stay while they save about as much as new ones", () => {
  fc.assert(
    fc.property(families, (images) => {
      const classes = shareLayers(images);
      const again = shareLayers(images, classes);
      const sizes = new Map(images.flatMap(({ closure }) => closure.map(({ path, narSize }) => [path, narSize])));
      const saved = (some: SharedClass[]) => savedBytes(some, (path) => sizes.get(path) as number);
      expect(saved(again)).toBe(saved(classes));
    }),
  );
  const [a, b] = ["a", "b"].map((name): SharingImage => {
    const path = (of: string, narSize: number) => ({ path: `/nix/store/${of}`, narSize, references: [] });
    const closure = [path("x", 100), path("y", 1), path(name, 50)];
    return { name, closure, paths: closure.map((each) => each.path), budget: 10, form: "" };
  }) as [SharingImage, SharingImage];
  const recorded = [{ images: ["a", "b"], paths: ["/nix/store/x"], layers: 3 }];
  expect(shareLayers([a, b], recorded)).toEqual(recorded);
  const less = [{ images: ["a", "b"], paths: ["/nix/store/y"], layers: 3 }];
  expect(shareLayers([a, b], less)[0]?.paths.toSorted()).toEqual(["/nix/store/x", "/nix/store/y"]);
});

/** An image that holds common paths, and paths of its own. */
function imageWith(
  name: string,
  { common, own, form = "" }: { common: number; own: number; form?: string },
): SharingImage {
  const path = (of: string) => ({ path: `/nix/store/${of}`, narSize: 100, references: [] });
  const numbers = (count: number) => Array.from({ length: count }, (_, i) => i);
  const closure = [...numbers(common).map((i) => path(`p${i}`)), ...numbers(own).map((i) => path(`${name}${i}`))];
  return { name, closure, paths: closure.map((each) => each.path), budget: 20, form };
}

test("only images whose layers are compressed in the same way share layers", () => {
  const images = ["a", "b", "c", "d", "e"].map((name, i) => {
    return imageWith(name, { common: 5, own: 2, form: ["gzip", "zstd", "gzip", "zstd", "none"][i] as string });
  });
  const holders = shareLayers(images).map((each) => each.images);
  expect(new Set(holders.map((names) => names.join()))).toEqual(new Set(["a,c", "b,d"]));
  // A lock may be older than the settings of the images.
  const recorded = [{ images: ["a", "b"], paths: ["/nix/store/p0"], layers: 1 }];
  expect(shareLayers(images, recorded)).toEqual(shareLayers(images));
});

test("the paths of a single image keep a fifth of its layers", () => {
  const classes = shareLayers(["a", "b"].map((name) => imageWith(name, { common: 100, own: 10 })));
  expect(classes.reduce((sum, { layers }) => sum + layers, 0)).toBeLessThanOrEqual(16);
});
