/** The harness that measures planners: its bounds, and the gains of `auto` and the lock. */
import { join } from "node:path";
import { expect, test } from "vitest";
import { imgc, imgcWithLock } from "../../bench/layers/imgc.ts";
import { nix2container, nixpkgsPopularity, oneLayer } from "../../bench/layers/ranked.ts";
import { CHUNKED, replay, type Planner } from "../../bench/layers/replay.ts";
import { readTrace, snapshots, type TracePath } from "../../bench/layers/trace.ts";

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

test("clients with chunks pull a share of each path, by the kind of its change", () => {
  const node = (name: string, content: string, path = `${name} ${content}`): TracePath => {
    return { path, name, content, size: 100, packed: 100, references: [], changes: undefined };
  };
  const before = [node("kept", "1-1 "), node("rehashed", "1-1 "), node("patched", "1-1 "), node("upgraded", "1-1 ")];
  const after = [
    node("kept", "1-1 "),
    node("rehashed", "1-1 ", "another hash"),
    node("patched", "1-2 "),
    node("upgraded", "2-1 "),
    node("added", "1-1 "),
  ];
  const snapshotsOf = [before, after].map((closure, i) => ({ label: String(i), closure }));
  const { same, rehashed, patched, upgraded, added } = CHUNKED;
  expect(replay(snapshotsOf, oneLayer, 1)).toMatchObject({
    packed: 500,
    chunked: 100 * (same + rehashed + patched + upgraded + added),
  });
});
