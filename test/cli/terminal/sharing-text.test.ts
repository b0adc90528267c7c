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
      "Clients of all images pull 5.0 kB less than without shared layers.",
      "One layer for each store path would save 5.4 kB.",
      "",
    ].join("\n"),
  );
  const packed = views.map((view, i): PlanView => {
    return { ...view, compression: { algorithm: i === 1 ? "gzip" : "zstd", level: 6 } };
  });
  expect(sharingText(packed, layout)).toContain("2 layers, 3.0 kB, of shop/web, shop/worker\n");
  const others = sharingText([image("a", layer("x")), image("b", layer("y"))], layout);
  expect(others).toMatch(/\n\nThe images have no store path in common\.\n$/);
});
