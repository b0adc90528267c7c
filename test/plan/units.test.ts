import fc from "fast-check";
import { expect, test } from "vitest";
import { makeGraph, type ClosurePath } from "../../src/plan/graph.ts";
import { unitsOf, weightClass, WEIGHTS } from "../../src/plan/units.ts";

const named = (name: string, narSize = 1000): ClosurePath => ({
  path: `/nix/store/${"0".repeat(32)}-${name}`,
  narSize,
  references: [],
});

test("paths of one version are one unit, except with the application's version or a short version", () => {
  const graph = makeGraph(
    ["app-0.1.0", "app-assets-0.1.0", "glibc-2.40-66", "glibc-2.40-66-bin", "zip-1.0", "zoo-1.0", "hook"].map((name) =>
      named(name),
    ),
  );
  const application = graph.paths.findIndex((path) => path.endsWith("-app-0.1.0"));
  const units = unitsOf(graph, new Set([application]));
  expect(units.map((unit) => unit.map((node) => graph.paths[node]?.slice(44)))).toEqual([
    ["app-0.1.0"],
    ["app-assets-0.1.0"],
    ["glibc-2.40-66-bin", "glibc-2.40-66"],
    ["hook"],
    ["zip-1.0"],
    ["zoo-1.0"],
  ]);
});

test("a larger unit has at least the weight of a smaller one", () => {
  const sizes = fc.nat(2 ** 40);
  fc.assert(
    fc.property(sizes, sizes, fc.boolean(), (a, b, isLocked) => {
      const graph = makeGraph([named("a-1", Math.min(a, b)), named("b-2", Math.max(a, b))]);
      const [small, large] = [0, 1].map((node) => WEIGHTS[weightClass(graph, [node], isLocked)] as number) as [
        number,
        number,
      ];
      expect(large).toBeGreaterThanOrEqual(small);
      expect(small).toBeGreaterThan(0);
    }),
  );
});
