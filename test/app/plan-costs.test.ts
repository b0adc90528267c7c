import { expect, test } from "vitest";
import { costsOf } from "../../src/app/plan-costs.ts";
import type { PlanLayer, PlanView } from "../../src/app/plan-view.ts";
import { planOf } from "../plan-page/closure.ts";

const view = planOf(30);
const [library = "", app = ""] = [view.closure[0], view.closure.at(-1)].map((each) => each?.path);

function fileLayer(name: string, content: Partial<PlanLayer["content"]>): PlanLayer {
  return { name, paths: [], size: 1000, content: { paths: [], entries: [], permissions: [], ...content } };
}

function costOf(layer: PlanLayer) {
  const with1: PlanView = { ...view, layers: [...view.layers, layer] };
  const { plan, auto, layers } = costsOf(with1);
  const before = costsOf(view);
  const cost = layers.at(-1);
  // The layer costs the same with `auto`.
  expect(plan - before.plan).toBeCloseTo(cost?.expected ?? 0, 3);
  expect(auto - before.auto).toBeCloseTo(cost?.expected ?? 0, 3);
  return cost;
}

const link = (target: string) => ({ kind: "link", path: "/bin/a", target, uid: 0, gid: 0 }) as const;
const copy = { kind: "copy", path: "/app", source: "/nix/store/source", mode: null, uid: 0, gid: 0 } as const;

test("layers of store paths have the chance of the model, and name the paths of the application", () => {
  const { plan, layers } = costsOf(view);
  expect(plan).toBeCloseTo(
    layers.reduce((sum, cost) => sum + (cost?.expected ?? 0), 0),
    3,
  );
  const above = layers.find((cost) => cost?.application.includes(app));
  expect(above).toMatchObject({ content: "store", causes: 30, application: [app] });
  const chances = layers.map((cost) => cost?.chance ?? 0);
  expect(Math.max(...chances)).toBe(above?.chance);
  expect(Math.min(...chances)).toBeGreaterThan(0);
});

test("files change with the store paths to which they refer; copied files change with every rebuild", () => {
  const entries = [link(`${library}/bin/a`)];
  const linked = costOf(fileLayer("files", { entries }));
  expect(linked).toMatchObject({ content: "files", causes: 1, application: [] });
  expect(linked?.chance).toBeLessThan(costOf(fileLayer("files", { entries: [link(app)] }))?.chance ?? 0);
  expect(costOf(fileLayer("files", { entries: [link("b")] }))).toMatchObject({ chance: 0, expected: 0, causes: 0 });
  expect(costOf(fileLayer("files", { entries: [...entries, copy] }))).toMatchObject({
    content: "copies",
    chance: 1,
    expected: 1000,
  });
});

test("the database changes with every store path; layers of other tools have no estimate", () => {
  expect(costOf(fileLayer("database", { entries: [copy] }))).toMatchObject({ content: "database", causes: 30 });
  const blob = { file: "/nix/store/base", offset: 0, size: 1 };
  expect(costOf(fileLayer("base layer 1", { blob }))).toBeNull();
});

test("files of an image without store paths never change", () => {
  const files = fileLayer("files", { entries: [link("b")] });
  const { plan, auto, layers } = costsOf({ ...view, closure: [], layers: [files] });
  expect({ plan, auto }).toEqual({ plan: 0, auto: 0 });
  expect(layers).toMatchObject([{ content: "files", chance: 0, expected: 0 }]);
});
