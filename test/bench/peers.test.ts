/** The planners of other tools: properties of every plan, and of each planner. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { autoLayer } from "../../bench/layers/auto-layer.ts";
import { chunkah } from "../../bench/layers/chunkah.ts";
import { hindsight } from "../../bench/layers/hindsight.ts";
import { nixery } from "../../bench/layers/nixery.ts";
import { below, numbered } from "../../bench/layers/numbered.ts";
import { apko, nix2container, nixpkgsPopularity, oneLayer } from "../../bench/layers/ranked.ts";
import type { Planner } from "../../bench/layers/replay.ts";
import { rpmOstree } from "../../bench/layers/rpm-ostree.ts";
import type { TracePath } from "../../bench/layers/trace.ts";

const node = (name: string, size: number, needs: string[] = [], changes?: number): TracePath => ({
  path: `/nix/store/hash-${name}`,
  name,
  size,
  references: needs.map((each) => `/nix/store/hash-${each}`),
  changes,
  content: name,
  packed: size,
});
const namesOf = (layers: string[][]) =>
  layers.map((layer) =>
    layer
      .map((path) => path.slice("/nix/store/hash-".length))
      .toSorted()
      .join(" "),
  );
const planned = (planner: Planner, closure: TracePath[], maxLayers: number) =>
  namesOf(planner({ closure, maxLayers, previous: null }).layers).toSorted();

/** Closures in which a path refers to earlier paths only. */
const closures = fc
  .array(
    fc.record({
      size: fc.nat(200_000_000),
      back: fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 5 }),
      changes: fc.option(fc.nat(100), { nil: undefined }),
    }),
    { minLength: 1, maxLength: 70 },
  )
  .map((nodes) =>
    nodes.map(({ size, back, changes }, i) => {
      const needs = [...new Set(back.map((b) => i - b))].filter((j) => j >= 0).map((j) => `p${j}`);
      return node(`p${i}`, size, needs, changes);
    }),
  );

test.each<[string, Planner]>([
  ["one layer", oneLayer],
  ["nixpkgs, popularity", nixpkgsPopularity],
  ["nix2container", nix2container],
  ["apko", apko],
  ["auto-layer", autoLayer],
  ["Nixery", nixery({ p0: 500, p1: 200 })],
  ["rpm-ostree", rpmOstree],
  ["chunkah", chunkah],
  ["hindsight", (input) => hindsight([{ label: "", closure: input.closure }])(input)],
])("%s puts each path into one layer, keeps the limit, and ignores the order of paths", (_, planner) => {
  fc.assert(
    fc.property(closures, fc.integer({ min: 4, max: 30 }), (closure, maxLayers) => {
      const { layers } = planner({ closure, maxLayers, previous: null });
      expect(layers.length).toBeLessThanOrEqual(maxLayers);
      for (const layer of layers) expect(layer.length).toBeGreaterThan(0);
      expect(layers.flat().toSorted()).toEqual(closure.map(({ path }) => path).toSorted());
      expect(planned(planner, closure.toReversed(), maxLayers)).toEqual(namesOf(layers).toSorted());
    }),
  );
});

test("auto-layer's label is the set of the lowest primaries that reach a path", () => {
  fc.assert(
    fc.property(closures, fc.integer({ min: 4, max: 30 }), (closure, maxLayers) => {
      const graph = numbered(closure);
      const sizes = graph.nodes.map(({ size }) => size);
      fc.pre(new Set(sizes).size === sizes.length);
      const under = graph.nodes.map((_, i) => below(graph, i));
      const bySize = [...sizes.keys()].toSorted((a, b) => (sizes[b] as number) - (sizes[a] as number));
      const labels = (primaries: number[]) =>
        graph.nodes.map((_, i) => {
          if (primaries.includes(i)) return `${i}`;
          const above = primaries.filter((primary) => under[primary]?.has(i));
          const lowest = above.filter((primary) => !above.some((other) => under[primary]?.has(other)));
          return lowest.toSorted((a, b) => a - b).join();
        });
      let last = labels([]);
      for (let count = 1; count <= sizes.length && new Set(labels(bySize.slice(0, count))).size <= maxLayers; count++) {
        last = labels(bySize.slice(0, count));
      }
      const layers = Map.groupBy(graph.nodes.keys(), (i) => last[i]);
      const wanted = [...layers.values()].map((members) => members.map((i) => graph.nodes[i]?.path as string));
      expect(planned(autoLayer, closure, maxLayers)).toEqual(namesOf(wanted).toSorted());
    }),
  );
});

test("Nixery puts a path's exclusive references beside it, and merges the layers of lowest rating", () => {
  const closure = [node("app", 1, ["ssl", "tool"]), node("tool", 5, ["own"]), node("own", 5), node("ssl", 50)];
  // All paths are below the app, except those that are popular enough for the root.
  expect(planned(nixery({}), closure, 9)).toEqual(["app own ssl tool"]);
  expect(planned(nixery({ ssl: 100, tool: 100 }), closure, 9)).toEqual(["app", "own tool", "ssl"]);
  expect(planned(nixery({ ssl: 100, tool: 100 }), closure, 2)).toEqual(["app own tool", "ssl"]);
});

test("rpm-ostree keeps each name's layer, and puts new names into the last layer", () => {
  const closure = Array.from({ length: 30 }, (_, i) => node(`p${i}`, 100 + i ** 3, [], i % 7));
  const { layers, state } = rpmOstree({ closure, maxLayers: 10, previous: null });
  const updated = [...closure.slice(3).map((each) => ({ ...each, size: 1 })), node("new", 9)];
  const second = rpmOstree({ closure: updated, maxLayers: 10, previous: { layers, state } });
  const kept = namesOf(layers).map((layer) =>
    layer
      .split(" ")
      .filter((name) => !["p0", "p1", "p2"].includes(name))
      .join(" "),
  );
  expect(namesOf(second.layers)).toEqual([...kept.filter((layer) => layer !== ""), "new"]);
});

test("chunkah gives outliers a layer each, and other names a layer that does not depend on size", () => {
  const closure = Array.from({ length: 40 }, (_, i) => node(`p${i}`, i < 3 ? 1_000_000 : 100 + i, [], i % 9));
  const before = planned(chunkah, closure, 12);
  expect(before).toEqual(expect.arrayContaining(["p0", "p1", "p2"]));
  expect(
    planned(
      chunkah,
      closure.map((each) => ({ ...each, size: each.size + 1 })),
      12,
    ),
  ).toEqual(before);
});

test("hindsight joins names that change together", () => {
  const build = (changed: string) => ({
    label: changed,
    closure: ["a", "b", "c", "d"].map((name) => ({
      ...node(name, 10),
      path: `/nix/store/hash-${name}${changed.includes(name) ? changed : ""}`,
    })),
  });
  const builds = [build(""), build("ac"), build(""), build("bd")];
  expect(planned(hindsight(builds), build("").closure, 2)).toEqual(["a c", "b d"]);
});
