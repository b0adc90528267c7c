import { expect, test } from "vitest";
import type { PlanLayer, PlanView } from "../../../src/app/plan-view.ts";
import { sharingText } from "../../../src/cli/terminal/sharing-text.ts";

const path = (name: string) => `/nix/store/${name.padEnd(32, "0")}-${name}`;
const layer = (...names: string[]): PlanLayer => ({
  name: "auto",
  paths: names.map(path),
  size: 1000 * names.length,
  content: { paths: names.map(path), entries: [], permissions: [] },
});
const image = (title: string, ...layers: PlanLayer[]): PlanView => ({
  title,
  layers,
  closure: layers.flatMap(({ paths }) =>
    paths.map((each) => ({ path: each, narHash: "", narSize: 900, references: [] })),
  ),
  root: "",
});
const layout = { width: 80, paint: (_: string, text: string) => text };

test("the layers that several images share, and the bytes that they save", () => {
  const views = [
    image("shop/web", layer("a", "b"), layer("c"), layer("w")),
    image("shop/api", layer("b", "a"), layer("c", "d")),
    image("shop/worker", layer("a", "b"), layer("c")),
  ];
  expect(sharingText(views, layout)).toBe(
    [
      "image        layers      size    shared",
      "shop/web          3    4.0 kB    3.0 kB",
      "shop/api          2    4.0 kB    2.0 kB",
      "shop/worker       2    3.0 kB    3.0 kB",
      "",
      "1 layer, 2.0 kB, of shop/web, shop/api, shop/worker",
      "    a, b",
      "1 layer, 1.0 kB, of shop/web, shop/worker",
      "    c",
      "",
      "Clients of all images pull 5.0 kB less than without shared layers. This is",
      "83 % of the bytes that one layer for each store path would save.",
      "",
    ].join("\n"),
  );
  const packed = views.map((view, i): PlanView => {
    return { ...view, form: i === 1 ? "gzip" : "zstd" };
  });
  const apart = sharingText(packed, layout);
  expect(apart).toContain("2 layers, 3.0 kB, of shop/web, shop/worker\n");
  expect(apart).toContain("100 % of the bytes that one layer for each store path would save.\n");
  expect(apart).toContain(
    "shop/api shares no layer: every other image differs in\nits compression, permissions of store paths, or owner of the store.\n",
  );
  const noneAlike = sharingText(packed.slice(0, 2), layout);
  expect(noneAlike).toContain(
    "\nThe images share no layer: only images with different compression, permissions of\nstore paths or owner of the store have store paths in common.\n",
  );
  const others = sharingText([image("a", layer("x")), image("b", layer("y"))], layout);
  expect(others).toMatch(/\n\nThe images have no store path in common\.\n$/);
});

test("an image shares the layers of its base also if its own layers have another form", () => {
  const views = [
    { ...image("base", layer("a"), layer("b")), form: "gzip" },
    { ...image("up", layer("a"), layer("b"), layer("c")), form: "zstd", base: "base" },
    { ...image("other", layer("a"), layer("c")), form: "zstd" },
  ];
  const text = sharingText(views, layout);
  expect(text).toContain("2 layers, 2.0 kB, of base, up\n    a, b\n1 layer, 1.0 kB, of up, other\n    c\n");
  expect(text).not.toContain("shares no layer");
  expect(sharingText(views.slice(0, 2), layout)).toContain("\n100 % of the bytes");
});

test("long lists of images are shortened", () => {
  const names = ["a", "b", "c", "d", "e"];
  const most = names.map((name, i) => image(name, layer("x"), i === 1 ? layer("z") : layer("y")));
  const text = sharingText(most, layout);
  expect(text).toContain("1 layer, 1.0 kB, of all images\n");
  expect(text).toContain("1 layer, 1.0 kB, of all images except b\n");
});
