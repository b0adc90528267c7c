import { expect, test } from "vitest";
import type { PageCost, PageData, PageLayer, PagePath } from "../../src/plan-page/data.ts";
import { Closure } from "../../src/plan-page/graph.ts";
import { labelOf, labelsOf, layerName, percent, scene, type Focus } from "../../src/plan-page/scene.ts";

const path = (name: string, size: number, layer: number, more: Partial<PagePath> = {}): PagePath => {
  return { name, path: `/nix/store/${name}`, size, layer, references: [], files: [], isNew: null, ...more };
};
const layer = (step: string, packages: string[], size: number, chance?: number): PageLayer => {
  const cost: PageCost = { chance: chance ?? 0, expected: 0, causes: 1, application: [], content: "store" };
  return { step, packages, size, packed: null, isNew: null, cost: chance === undefined ? null : cost };
};

const DATA: PageData = {
  title: "shop",
  layers: [layer("auto", ["glibc", "zlib"], 4000, 0.1), layer('layer "app"', ["app"], 6000)],
  paths: [
    path("app-1.0", 6000, 1, {
      references: [1, 2],
      files: [
        ["bin/app", 5000],
        ["odd\nname", 600],
      ],
    }),
    path("glibc-2.40", 3000, 0),
    path("zlib-1.3", 1000, 0, { references: [1], files: [["lib/libz.so", 990]] }),
  ],
  expected: { plan: 0, auto: 0 },
  before: null,
};
const PATHS_OF = [[1, 2], [0]];
const AREA = { x: 0, y: 0, width: 1000, height: 500 };

/** The label of each box, indented by its depth, with the box's share of the area in percent. */
const shown = (focus: Focus) =>
  scene(DATA, PATHS_OF, focus, AREA).map(({ thing, depth, width, height }) => {
    const share = Math.round((100 * width * height) / (AREA.width * AREA.height));
    return `${"  ".repeat(depth)}${labelsOf(DATA, thing).at(thing.kind === "file" ? 1 : -1)} ${share}`;
  });

test("an image shows its layers, the largest first, with their paths", () => {
  expect(shown({ kind: "image" }).map((line) => line.replace(/ \d+$/, ""))).toEqual([
    "app",
    "  app-1.0",
    "glibc",
    "  glibc-2.40",
    "  zlib-1.3",
  ]);
  const outer = scene(DATA, PATHS_OF, { kind: "image" }, AREA).filter(({ depth }) => depth === 0);
  const shares = outer.map(({ width, height }) => (width * height) / (AREA.width * AREA.height));
  expect(shares.map((share) => share.toFixed(2))).toEqual(["0.60", "0.40"]);
});

test("inner boxes lie inside of their outer box, below its title", () => {
  const [outer, inner] = scene(DATA, PATHS_OF, { kind: "image" }, AREA);
  if (outer === undefined || inner === undefined) throw new Error("boxes are missing");
  expect(outer.hasTitle).toBe(true);
  expect(inner.y).toBeGreaterThanOrEqual(outer.y + 18);
  expect(inner.x + inner.width).toBeLessThanOrEqual(outer.x + outer.width);
  expect(inner.y + inner.height).toBeLessThanOrEqual(outer.y + outer.height);
});

test("a path shows its files, with a box for other bytes if these are more than 2 % of the path", () => {
  expect(shown({ kind: "path", path: 0 })).toEqual(["bin/app 83", "odd\\nname 10", "folders, links and small files 7"]);
  expect(shown({ kind: "path", path: 2 })).toEqual(["lib/libz.so 100"]);
  // The files of this path are not known.
  expect(shown({ kind: "path", path: 1 })).toEqual([]);
  expect(shown({ kind: "layer", layer: 0 }).map((line) => line.replace(/ \d+$/, ""))).toEqual([
    "glibc-2.40",
    "zlib-1.3",
    "  lib/libz.so",
  ]);
});

test("boxes without room are left out, also their inner boxes", () => {
  expect(scene(DATA, PATHS_OF, { kind: "image" }, { ...AREA, width: 1 })).toEqual([]);
  const small = scene(DATA, PATHS_OF, { kind: "image" }, { x: 0, y: 0, width: 14, height: 14 });
  expect(small.map(({ depth }) => depth)).toEqual([0, 0]);
});

test("labels name sizes, chances and packages, and show no control characters", () => {
  expect(labelsOf(DATA, { kind: "layer", layer: 0 })).toEqual([
    "glibc, zlib  4.0 kB · 10\u00a0%",
    "glibc, zlib  4.0 kB · 10\u00a0%",
    "glibc +1  4.0 kB · 10\u00a0%",
    "glibc +1  10\u00a0%",
    "glibc +1",
    "glibc",
  ]);
  expect(labelOf(DATA, { kind: "path", path: 1 })).toBe("glibc-2.40  3.0 kB");
  expect(labelOf(DATA, { kind: "file", path: 0, name: "odd\nname", size: 500 })).not.toContain("\n");
  expect(layerName(layer('layer "tools"', ["a", "b", "c"], 1), 2)).toBe("tools: a, b +1");
  expect(percent(0.126)).toBe("13\u00a0%");
});

test("the closure knows users, sizes, and why a path is in it", () => {
  const closure = new Closure(DATA);
  expect(closure.users).toEqual([[], [0, 2], [0]]);
  expect([0, 1, 2].map((each) => closure.closureSize(each))).toEqual([10_000, 3000, 4000]);
  expect(closure.why(1)).toEqual([0, 1]);
  expect(closure.why(0)).toEqual([0]);
});
