/** The harness that measures planners: its bounds, and the gains of `auto` and the lock. */
import { join } from "node:path";
import { expect, test } from "vitest";
import { imgc, imgcWithLock } from "../../bench/layers/imgc.ts";
import { nix2container, nixpkgsPopularity, oneLayer } from "../../bench/layers/ranked.ts";
import { replay, type Planner } from "../../bench/layers/replay.ts";
import { readTrace, snapshots } from "../../bench/layers/trace.ts";

const builds = snapshots(readTrace(join(import.meta.dirname, "../../bench/traces/jvm-stable.json.gz"))).slice(0, 20);
const pulled = (planner: Planner, budget: number) => replay(builds, planner, budget).pulled;
/** The bytes that clients pull with `auto`, by the number of layers. */
const AUTO = { 10: pulled(imgc, 10), 25: pulled(imgc, 25) };

test("one layer for each path pulls the changed bytes, and a single layer pulls all bytes", () => {
  const each: Planner = ({ closure }) => ({ layers: closure.map(({ path }) => [path]) });
  const { pulled: least, changed } = replay(builds, each, 1000);
  expect(least).toBe(changed);
  expect(pulled(oneLayer, 1)).toBeGreaterThan(changed);
});

test("a plan that lacks a path is an error", () => {
  const less: Planner = ({ closure }) => ({ layers: [closure.slice(1).map(({ path }) => path)] });
  expect(() => pulled(less, 10)).toThrow("paths are missing");
});

test.each([10, 25] as const)("with %i layers, auto pulls fewer bytes than planners by popularity", (budget) => {
  expect(AUTO[budget]).toBeLessThan(pulled(nixpkgsPopularity, budget));
  expect(AUTO[budget]).toBeLessThan(pulled(nix2container, budget));
});

test("with few layers, the lock's history saves bytes", () => {
  expect(pulled(imgcWithLock, 10)).toBeLessThan(AUTO[10]);
});
