import { expect, test } from "vitest";
import { boxColor, legendOf, TEXT } from "../../src/plan-page/colors.ts";
import type { PageData } from "../../src/plan-page/data.ts";
import { contrast, fromHex, fromHsl } from "../contrast.ts";

/** Layers with chances from 0 to 1, and one of a base. */
const chances = [...Array.from({ length: 11 }, (_, i) => i / 10), null];

function pageWith(before: PageData["before"], isNew: boolean | null): PageData {
  return {
    title: "test",
    layers: chances.map((chance) => ({
      step: "auto",
      packages: ["app"],
      size: 1,
      packed: null,
      isNew,
      cost: chance === null ? null : { chance, expected: 1, causes: 1, application: [], content: "store" },
    })),
    paths: chances.flatMap((_, layer) =>
      [true, false].map((isNewPath) => ({
        name: "app",
        path: "/nix/store/app",
        size: 1,
        layer,
        references: [],
        files: [],
        isNew: before === null ? null : isNewPath,
      })),
    ),
    expected: { plan: 1, auto: 1 },
    before,
  };
}

test("labels have a contrast of at least 4.5 to every color of the map, in both schemes", () => {
  for (const data of [
    pageWith(null, null),
    pageWith({ title: "a", size: 1, layers: 1 }, true),
    pageWith({ title: "a", size: 1, layers: 1 }, false),
  ]) {
    for (const scheme of ["light", "dark"] as const) {
      const boxes = data.paths.flatMap((_, path) => [
        { thing: { kind: "path", path } as const, depth: 1 },
        ...["a", "b", "c", "d"].map((name) => ({ thing: { kind: "file", path, name, size: 1 } as const, depth: 1 })),
      ]);
      const layers = data.layers.map((__, layer) => ({ thing: { kind: "layer", layer } as const, depth: 0 }));
      for (const box of [...layers, ...boxes]) {
        const color = boxColor(data, { ...box, x: 0, y: 0, width: 9, height: 9, hasTitle: true }, scheme);
        expect(contrast(fromHsl(color), fromHex(TEXT[scheme])), `${color} ${scheme}`).toBeGreaterThanOrEqual(4.5);
      }
    }
  }
});

test("the legend has the colors of the map: chances and, if there is one, the base; or a comparison", () => {
  expect(legendOf(pageWith(null, null)).colors).toHaveLength(6);
  const withoutBase = pageWith(null, null);
  withoutBase.layers.pop();
  expect(legendOf(withoutBase).colors).toHaveLength(5);
  expect(legendOf(pageWith({ title: "old", size: 1, layers: 1 }, true))).toMatchObject({
    title: "Compared with old",
    colors: [{ text: "new" }, { text: "pulled with it" }, { text: "kept" }],
  });
});
