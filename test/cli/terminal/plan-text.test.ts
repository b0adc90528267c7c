import { expect, test } from "vitest";
import { costsOf } from "../../../src/app/plan-costs.ts";
import { planText, whyText } from "../../../src/cli/terminal/plan-text.ts";
import { TERMINAL } from "./layouts.ts";
import { planOf, storeLayer } from "../../plan-page/closure.ts";

test("a plan fits into 80 columns, and lists the contents of each layer", () => {
  const view = { ...planOf(300), title: `registry.example.org/shop/app:${"0123456789abcdef".repeat(2)}` };
  const text = planText(view, costsOf(view), TERMINAL);
  for (const line of text.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
  expect(text.match(/^ *\d+ {2,}\d+\.\d [kM]?B +\d+ {2}auto {20}\S/gm)).toHaveLength(view.layers.length);
  expect(text).not.toContain("cost");
});

test("layers of files outside the store list the files", () => {
  const view = planOf(3);
  const entry = { kind: "link", path: "/bin/app", target: "/x", uid: 0, gid: 0 } as const;
  const content = { paths: [], entries: [entry], permissions: [] };
  const files = { name: "files", paths: [], size: 1536, content };
  const text = planText({ ...view, layers: [...view.layers, files] }, costsOf(view), TERMINAL);
  expect(text).toContain(`${view.layers.length + 1} layers with 3 store paths`);
  expect(text).toMatch(/^ +\d+ +1\.5 kB +0 {2}files +\/bin\/app$/m);
});

test("layer settings that cost more than auto are pointed out", () => {
  const view = planOf(300);
  const all = view.layers.flatMap(({ paths }) => paths);
  const hinted = {
    ...view,
    layers: [
      { name: "group 200", paths: all.slice(0, 200) },
      ...all.slice(200, 219).map((path) => ({ name: "each", paths: [path] })),
      { name: "rest", paths: all.slice(219) },
    ].map((layer) => storeLayer(layer, view.closure)),
  };
  expect(planText(hinted, costsOf(hinted), TERMINAL)).toMatch(
    /with `auto` alone\nit would be .*: the other steps cost \d+ % more/,
  );
});

test("--why shows a path's layer, step and chain of references", () => {
  const view = planOf(20);
  expect(whyText(view, "lib3-1.0", TERMINAL)).toMatch(
    /-lib3-1\.0\n {2}layer \d+ of \d+, added by step `auto`\n[^]*app-1\.0\n {6}→ lib3-1\.0\n/,
  );
  expect(whyText(view, "gone", TERMINAL)).toBeUndefined();
  // An exact package name comes first, then a name that begins with the text.
  expect(whyText(view, "lib1", TERMINAL)).toContain("-lib1-1.0\n  layer");
  const [first, ...others] = view.closure.toReversed();
  expect(whyText({ ...view, closure: others }, "lib1", TERMINAL)).toContain("-lib1-1.0\n  layer");
  expect(whyText({ ...view, closure: [first as (typeof others)[0], ...others] }, "ap", TERMINAL)).toContain(
    "-app-1.0\n  layer",
  );
});

test("the plan counts the files of each copied folder", () => {
  const view = planOf(3);
  const names = ["node_modules", ".env", "a.log", ...Array.from({ length: 30 }, (_, i) => `log-${i}`)];
  const copies = [
    { path: "/app", source: process.cwd(), taken: 12, leftOut: 3000, names },
    { path: `/opt/${"long/".repeat(12)}`, source: process.cwd(), taken: 1, leftOut: 1, names: ["x"] },
    { path: "/etc/motd", source: `${process.cwd()}/motd`, taken: 1, leftOut: 0, names: [] },
  ];
  const text = planText({ ...view, copies }, costsOf(view), TERMINAL);
  for (const line of text.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
  expect(text).toContain("/app takes 12 files of . and leaves out 3000: node_modules, .env, ");
  expect(text).toContain("/etc/motd takes 1 file of motd\n");
});

test("the plan shows the bytes of the base's files that rules duplicate", () => {
  const view = planOf(3);
  expect(planText(view, costsOf(view), TERMINAL)).not.toContain("of the base");
  const ruled = { ...view, rewritten: { files: 12, bytes: 3_400_000 } };
  expect(planText(ruled, costsOf(ruled), TERMINAL)).toContain(
    "`permissions` duplicates 12 files of the base: 3.4 MB\n",
  );
});
