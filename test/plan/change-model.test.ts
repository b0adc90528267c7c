import fc from "fast-check";
import { expect, test } from "vitest";
import { ChangeModel } from "../../src/plan/change-model.ts";
import { makeGraph, type ClosurePath } from "../../src/plan/graph.ts";

const pathOf = (i: number) => `/nix/store/${"0".repeat(32)}-p${i}-${i % 7}.25.1`;

test("a union's chance is at least its parts', at most 1, and higher if the lock has recorded changes", () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ size: fc.nat(1e9), back: fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 3 }) }), {
        minLength: 2,
        maxLength: 40,
      }),
      fc.integer({ min: 1, max: 48 }),
      fc.array(fc.array(fc.nat(47), { maxLength: 4 }), { minLength: 40, maxLength: 40 }),
      fc.nat(39),
      fc.nat(39),
      (nodes, rebuilds, changes, x, y) => {
        const closure = nodes.map(({ size, back }, i): ClosurePath => {
          const references = [...new Set(back.map((b) => i - b))].filter((j) => j >= 0).map(pathOf);
          return { path: pathOf(i), narSize: size, references };
        });
        const graph = makeGraph(closure);
        const seen = graph.paths.map((_, i) => [...new Set(changes[i])].filter((at) => at < rebuilds));
        const model = new ChangeModel(graph, { rebuilds, changes: seen });
        const [a, b] = [x, y].map((i) => model.row(i % nodes.length)) as [Uint32Array, Uint32Array];
        const union = model.chance(a, b);
        expect(union).toBeGreaterThanOrEqual(Math.max(model.chance(a, a), model.chance(b, b)));
        expect(union).toBeLessThanOrEqual(1 + 1e-12);
        const all = Array.from({ length: rebuilds }, (_, rebuild) => rebuild);
        const chanceIf = (changed: number[]) => {
          const past = graph.paths.map((_, i) => (i === x % nodes.length ? changed : []));
          const informed = new ChangeModel(graph, { rebuilds, changes: past });
          const row = informed.row(x % nodes.length);
          return informed.chance(row, row);
        };
        expect(chanceIf(all)).toBeGreaterThan(chanceIf([]));
      },
    ),
  );
});
