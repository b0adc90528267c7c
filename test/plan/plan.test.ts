import fc from "fast-check";
import { expect, test } from "vitest";
import { makeGraph, popularity, reachable, type ClosurePath } from "../../src/plan/graph.ts";
import { plan, PlanError, type Step } from "../../src/plan/plan.ts";

/** Each path refers only to earlier paths, so that references have no cycles. */
const closures = fc
  .array(fc.record({ size: fc.nat(1000), back: fc.array(fc.nat(40), { maxLength: 5 }) }), {
    minLength: 1,
    maxLength: 90,
  })
  .map((nodes) =>
    nodes.map(({ size, back }, i): ClosurePath => {
      const references = [...new Set(back.map((b) => i - b))].filter((j) => j >= 0).map((j) => `/nix/store/p${j}`);
      return { path: `/nix/store/p${i}`, narSize: size, references };
    }),
  );
const steps = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant("group" as const), count: fc.integer({ min: 1, max: 9 }) }),
    fc.record({ kind: fc.constant("each" as const), count: fc.option(fc.integer({ min: 1, max: 9 })) }),
    fc.constant({ kind: "auto" as const }),
    fc.record({
      kind: fc.constant("layer" as const),
      name: fc.constant("l"),
      packages: fc.array(fc.nat(20).map((i) => `/nix/store/p${i}`)),
      only: fc.boolean(),
      steps: fc.constant([]),
    }),
  ),
  { maxLength: 4 },
);

test("every path is in exactly one layer, no layer is empty, and the budget holds", () => {
  fc.assert(
    fc.property(closures, steps, fc.integer({ min: 1, max: 30 }), (closure, wanted, budget) => {
      let layers;
      try {
        layers = plan({ closure, steps: wanted as Step[], budget });
      } catch (error) {
        expect(error).toBeInstanceOf(PlanError);
        return;
      }
      expect(layers.length).toBeLessThanOrEqual(budget);
      for (const layer of layers) expect(layer.paths.length).toBeGreaterThan(0);
      expect(layers.flatMap((layer) => layer.paths).toSorted()).toEqual(closure.map(({ path }) => path).toSorted());
    }),
  );
});

test("popularity is the number of paths that reach a path", () => {
  fc.assert(
    fc.property(closures, (closure) => {
      const graph = makeGraph(closure);
      const reach = graph.paths.map((_, i) => reachable(graph, [i]));
      expect([...popularity(graph)]).toEqual(graph.paths.map((_, i) => reach.filter((seen) => seen.has(i)).length));
    }),
  );
});

test("the ten most popular paths share a layer and the others have a layer each", () => {
  const closure = Array.from({ length: 14 }, (_path, i): ClosurePath => {
    const references = Array.from({ length: i }, (_reference, j) => `/nix/store/${String(j).padStart(2, "0")}`);
    return { path: `/nix/store/${String(i).padStart(2, "0")}`, narSize: 1, references };
  });
  const layers = plan({
    closure,
    steps: [
      { kind: "group", count: 10 },
      { kind: "each", count: null },
    ],
    budget: 100,
  });
  expect(layers.map(({ name, paths }) => [name, paths.length])).toEqual([
    ["group 10", 10],
    ["each", 1],
    ["each", 1],
    ["each", 1],
    ["each", 1],
  ]);
  expect(layers[0]?.paths[0]).toBe("/nix/store/00");
});

test("auto gives the application a layer without other paths", () => {
  const library = (i: number) => `/nix/store/${String(i).padStart(32, "0")}-lib${i}-1.0`;
  const closure: ClosurePath[] = Array.from({ length: 300 }, (_, i) => ({
    path: library(i),
    narSize: 1e6 + i,
    references: i === 0 ? [] : [library(Math.floor(i / 2))],
  }));
  const application = "/nix/store/a0000000000000000000000000000000-app-1.0";
  closure.push({ path: application, narSize: 1000, references: closure.map(({ path }) => path) });
  const layers = plan({ closure, steps: [{ kind: "auto" }], budget: 20 });
  expect(layers.find(({ paths }) => paths.includes(application))?.paths).toEqual([application]);
});

test("auto puts each path into exactly one layer if clients have layers and the application is small", () => {
  const path = (name: string) => `/nix/store/${"0".repeat(32)}-${name}-1.0`;
  const libraries = Array.from({ length: 400 }, (_, i): ClosurePath => ({
    path: path(`lib${String(i).padStart(3, "0")}`),
    narSize: 1e6 + i,
    references: i === 0 ? [] : [path(`lib${String(Math.floor(i / 2)).padStart(3, "0")}`)],
  }));
  const application = { path: path("app"), narSize: 1000, references: libraries.map((library) => library.path) };
  const closure = [...libraries, application];
  const layers = Array.from({ length: 20 }, (_, i) => libraries.slice(10 * i, 10 * i + 10).map((each) => each.path));
  const planned = plan({
    closure,
    steps: [{ kind: "auto" }],
    budget: 8,
    past: { rebuilds: 0, changes: new Map(), layers, shared: [] },
  });
  expect(planned.flatMap(({ paths }) => paths).toSorted()).toEqual(closure.map((each) => each.path).toSorted());
});

test("auto does not depend on hashes or on the order of its input", () => {
  fc.assert(
    fc.property(closures, fc.integer({ min: 1, max: 10 }), fc.infiniteStream(fc.nat()), (closure, budget, random) => {
      const named = (rename: (i: string) => string) =>
        closure.map(({ path, narSize, references }) => ({
          path: rename(path.slice("/nix/store/p".length)),
          narSize,
          references: references.map((r) => rename(r.slice("/nix/store/p".length))),
        }));
      const names = (nodes: ClosurePath[]) =>
        plan({ closure: nodes, steps: [{ kind: "auto" }], budget }).map(({ paths }) =>
          paths.map((path) => path.replace(/.*-p/, "")).toSorted(),
        );
      const hash = new Map(closure.map((_, i) => [String(i), String(random.next().value).padStart(32, "0")]));
      const first = names(named((i) => `/nix/store/${"0".repeat(32)}-p${i}`));
      const second = names(named((i) => `/nix/store/${hash.get(i)}-p${i}`).toReversed());
      expect(second).toEqual(first);
    }),
  );
});

test("auto keeps its own earlier layers and their order", () => {
  fc.assert(
    fc.property(closures, fc.integer({ min: 1, max: 10 }), (closure, budget) => {
      const request = { closure, steps: [{ kind: "auto" as const }], budget };
      const before = plan(request);
      const layers = before.map(({ paths }) => paths).toReversed();
      expect(plan({ ...request, past: { rebuilds: 0, changes: new Map(), layers, shared: [] } })).toEqual(before);
    }),
  );
});

test("steps that need more layers than the budget are refused", () => {
  const closure = ["a", "b", "c"].map((path) => ({ path, narSize: 1, references: [] }));
  const layer = (name: string) => ({
    kind: "layer" as const,
    name,
    packages: [name],
    only: false,
    steps: [],
    comment: null,
  });
  expect(() => plan({ closure, steps: ["a", "b", "c"].map(layer), budget: 2 })).toThrow(
    "the steps make 3 layers, but only 2 are left",
  );
});

test("named layers are whole with nested steps inside, and volatile packages are on top", () => {
  fc.assert(
    fc.property(closures, fc.nat(89), fc.nat(89), fc.integer({ min: 6, max: 30 }), (closure, a, b, budget) => {
      const [named, often] = [a, b].map((i) => (closure[i % closure.length] as ClosurePath).path) as [string, string];
      const graph = makeGraph(closure);
      const wanted = new Set([...reachable(graph, [graph.index.get(named) as number])].map((i) => graph.paths[i]));
      const inside: Step[] = [{ kind: "group", count: 2 }, { kind: "auto" }];
      const layers = plan({
        closure,
        steps: [
          { kind: "layer", name: "l", packages: [named], only: false, steps: inside, comment: null },
          { kind: "auto" },
        ],
        budget,
        volatile: [often],
      });
      const onTop = layers.findIndex(({ name }) => name === "volatile");
      expect(layers.slice(onTop).every(({ name }) => name === "volatile")).toBe(true);
      const top = new Set(layers.slice(onTop).flatMap(({ paths }) => paths));
      expect(top.has(often)).toBe(true);
      const held = layers.filter(({ name }) => name.startsWith('layer "l" ')).flatMap(({ paths }) => paths);
      expect(held.toSorted()).toEqual(
        closure.flatMap(({ path }) => (wanted.has(path) && !top.has(path) ? path : [])).toSorted(),
      );
    }),
  );
});

test("weights and order determine the paths of a group", () => {
  const closure = ["a", "b", "c"].map((path, i) => ({ path, narSize: 10 - i, references: i === 0 ? ["b"] : [] }));
  const first = (request: Partial<Parameters<typeof plan>[0]>) =>
    plan({ closure, steps: [{ kind: "group", count: 1 }], budget: 9, ...request })[0]?.paths;
  expect(first({})).toEqual(["b"]);
  expect(first({ order: "size" })).toEqual(["a"]);
  expect(first({ weights: { c: 50 } })).toEqual(["c"]);
  expect(first({ weights: { b: -100 } })).toEqual(["a"]);
});

test("a chain of 10,000 paths is planned", () => {
  // The closures have 50 million members in total, so following each closure would take too long.
  const closure = Array.from({ length: 10_000 }, (_, i) => ({
    path: `/nix/store/${String(i).padStart(32, "0")}-p${i}`,
    narSize: 1000 + i,
    references: i === 0 ? [] : [`/nix/store/${String(i - 1).padStart(32, "0")}-p${i - 1}`],
  }));
  expect(plan({ closure, steps: [{ kind: "auto" }], budget: 20 }).flatMap(({ paths }) => paths)).toHaveLength(10_000);
});
