/** The harness that plans are measured with: its bounds, and what `auto` and the lock are for. */
import { join } from "node:path";
import { expect, test } from "vitest";
import { ours, oursWithLock } from "../../bench/layers/ours.ts";
import { nix2container, nixpkgsPopularity, oneLayer } from "../../bench/layers/ranked.ts";
import { replay, type Planner } from "../../bench/layers/replay.ts";
import { readTrace, snapshots } from "../../bench/layers/trace.ts";

const builds = snapshots(readTrace(join(import.meta.dirname, "../../bench/traces/jvm-stable.json.gz"))).slice(0, 40);
const pulled = (planner: Planner, budget: number) => replay(builds, planner, budget).pulled;

test("a layer a path pulls what changed, and one layer pulls everything that is there", () => {
  const each: Planner = ({ closure }) => ({ layers: closure.map(({ path }) => [path]) });
  const { pulled: least, changed } = replay(builds, each, 1000);
  expect(least).toBe(changed);
  expect(pulled(oneLayer, 1)).toBeGreaterThan(changed);
});

test("a plan that leaves a path out is refused", () => {
  const less: Planner = ({ closure }) => ({ layers: [closure.slice(1).map(({ path }) => path)] });
  expect(() => pulled(less, 10)).toThrow("paths are missing");
});

test.each([10, 25])("with %i layers auto moves less than plans by popularity do", (budget) => {
  const auto = pulled(ours, budget);
  expect(auto).toBeLessThan(pulled(nixpkgsPopularity, budget));
  expect(auto).toBeLessThan(pulled(nix2container, budget));
});

test("where layers are few, what the lock has seen saves bytes", () => {
  expect(pulled(oursWithLock, 10)).toBeLessThan(pulled(ours, 10));
});
