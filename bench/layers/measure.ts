/** The results of all planners on all traces. Topics of one run share them, since replays take minutes. */
import { join } from "node:path";
import { autoLayer } from "./auto-layer.ts";
import { chunkah } from "./chunkah.ts";
import { hindsight } from "./hindsight.ts";
import { imgc, imgcWithLock } from "./imgc.ts";
import { nixery, readPopularity } from "./nixery.ts";
import { apko, nix2container, nixpkgsPopularity, oneLayer } from "./ranked.ts";
import { replay, type Planner, type Result } from "./replay.ts";
import { rpmOstree } from "./rpm-ostree.ts";
import type { Standing } from "./standings.ts";
import { readTrace, snapshots, type Snapshot } from "./trace.ts";

export const TRACES_FOLDER = join(import.meta.dirname, "../traces");
export const BUDGETS = [10, 25, 60, 100, 250];
export const TRACES = [
  "desktop-releases",
  "jvm-stable",
  "node-releases",
  "node-rolling",
  "pyweb-ci",
  "pyweb-stable",
  "sci-rolling",
  "sci-synth",
];

export interface Measured {
  planner: string;
  kind: Standing["kind"];
  /** By trace and limit of layers. */
  results: Map<string, Map<number, Result>>;
  /** The number of rebuilds of each trace. */
  rebuilds: Map<string, number>;
}

const PLANNERS: [planner: string, kind: Standing["kind"], of: (builds: Snapshot[]) => Planner][] = [
  ["one layer", "other", () => oneLayer],
  ["nixpkgs, popularity", "other", () => nixpkgsPopularity],
  ["nix2container", "other", () => nix2container],
  ["Nixery", "other", () => nixery(readPopularity(join(TRACES_FOLDER, "popularity.json.gz")))],
  ["rpm-ostree", "other", () => rpmOstree],
  ["apko, by size", "other", () => apko],
  ["chunkah", "other", () => chunkah],
  ["nixpkgs, auto-layer", "other", () => autoLayer],
  ["`auto`", "own", () => imgc],
  ["`auto` with lock", "own", () => imgcWithLock],
  ["hindsight", "reference", hindsight],
];

let measured: Measured[] | undefined;

export function measureAll(): Measured[] {
  return (measured ??= measure());
}

function measure(): Measured[] {
  const all = TRACES.map((name) => ({
    name,
    builds: snapshots(readTrace(join(TRACES_FOLDER, `${name}.json.gz`))),
  }));
  return PLANNERS.map(([planner, kind, of]) => {
    const results = all.map(({ name, builds }): [string, Map<number, Result>] => {
      const made = of(builds);
      return [name, new Map(BUDGETS.map((budget) => [budget, replay(builds, made, budget)]))];
    });
    const rebuilds = new Map(all.map(({ name, builds }) => [name, builds.length - 1]));
    return { planner, kind, results: new Map(results), rebuilds };
  });
}
