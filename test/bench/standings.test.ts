import { expect, test } from "vitest";
import { rows } from "../../bench/layers/standings.ts";

test("the smallest value of a column is bold, except bounds, and imgc is compared with the best other", () => {
  const table = rows(
    "10",
    ["a", "b"],
    [
      { planner: "first", kind: "other", ratios: [1.5, 1.2] },
      { planner: "second", kind: "other", ratios: [2, 1.1] },
      { planner: "auto", kind: "own", ratios: [1.2, 1.32] },
      { planner: "future", kind: "reference", ratios: [1, 1] },
    ],
  );
  expect(table).toEqual([
    { layers: "10", planner: "first", "all traces": "1.350", a: "1.500", b: "1.200" },
    { layers: "10", planner: "second", "all traces": "1.550", a: "2.000", b: "**1.100**" },
    { layers: "10", planner: "auto", "all traces": "**1.260**", a: "**1.200**", b: "1.320" },
    { layers: "10", planner: "_… × the best other_", "all traces": "_0.93_", a: "_0.80_", b: "_1.20_" },
    { layers: "10", planner: "future", "all traces": "1.000", a: "1.000", b: "1.000" },
  ]);
});
