/** Bytes that clients pull again, by planner: replays traces of updates. */
import { join } from "node:path";
import { autoLayer } from "../layers/auto-layer.ts";
import { chunkah } from "../layers/chunkah.ts";
import { hindsight } from "../layers/hindsight.ts";
import { nixery, readPopularity } from "../layers/nixery.ts";
import { imgc, imgcWithLock } from "../layers/imgc.ts";
import { apko, nix2container, nixpkgsPopularity, oneLayer } from "../layers/ranked.ts";
import { replay, type Planner } from "../layers/replay.ts";
import { rpmOstree } from "../layers/rpm-ostree.ts";
import { rows, type Standing } from "../layers/standings.ts";
import { readTrace, snapshots, type Snapshot } from "../layers/trace.ts";
import { readYardsticks } from "../layers/yardsticks.ts";
import type { Section } from "../section.ts";

const BUDGETS = [10, 25, 60, 100];
const TRACES = [
  "desktop-releases",
  "jvm-stable",
  "node-releases",
  "node-rolling",
  "pyweb-ci",
  "pyweb-stable",
  "sci-rolling",
  "sci-synth",
];
const folder = join(import.meta.dirname, "../traces");
const yardsticks = readYardsticks(join(folder, "yardsticks.json"));

type Measure = (trace: string, builds: Snapshot[]) => (budget: number) => number;

const PLANNERS: [planner: string, kind: Standing["kind"], measure: Measure][] = [
  ["one layer", "other", replayed(oneLayer)],
  ["nixpkgs, popularity", "other", replayed(nixpkgsPopularity)],
  ["nix2container", "other", replayed(nix2container)],
  ["Nixery", "other", replayed(nixery(readPopularity(join(folder, "popularity.json.gz"))))],
  ["rpm-ostree", "other", replayed(rpmOstree)],
  ["apko, by size", "other", replayed(apko)],
  ["chunkah", "other", replayed(chunkah)],
  ["nixpkgs, auto-layer", "other", replayed(autoLayer)],
  ["`auto`", "own", replayed(imgc)],
  ["`auto` with lock", "own", replayed(imgcWithLock)],
  ["yardstick: model", "reference", known("model")],
  ["yardstick: replay+lock", "reference", known("replay+lock")],
  ["hindsight", "reference", (trace, builds) => replayed(hindsight(builds))(trace, builds)],
];

export const section: Section = {
  title: "Bytes pulled again",
  about:
    "The numbers are the bytes that a client pulls over a trace of updates, divided by the bytes of the store paths " +
    'that changed. 1 is the result of one layer for each path, without a limit of layers. The rows "all four" are ' +
    "means over the four limits of layers. The smallest value of a column is bold; the rows of yardsticks and " +
    "hindsight, explained below, are never bold. The row below each planner of imgc compares it with the best planner of the other tools. We wrote the " +
    "planners of other tools from descriptions. The yardsticks are the two planners, partly quadratic in time, from " +
    "which `auto` was developed. Hindsight assigns each name to one layer for the whole trace; a greedy search that " +
    "knows all updates finds the assignment.",
  document: "layers.md",
  async run() {
    const traces = TRACES.map((name) => ({ name, builds: snapshots(readTrace(join(folder, `${name}.json.gz`))) }));
    // measured[planner][trace][limit of layers]
    const measured = PLANNERS.map(([, , measure]) =>
      traces.map(({ name, builds }) => BUDGETS.map(measure(name, builds))),
    );
    const block = (layers: string, of: (budgets: number[]) => number) =>
      rows(
        layers,
        TRACES,
        PLANNERS.map(([planner, kind], i) => ({ planner, kind, ratios: (measured[i] as number[][]).map(of) })),
      );
    return [
      ...block("all four", (ratios) => ratios.reduce((sum, each) => sum + each, 0) / ratios.length),
      ...BUDGETS.flatMap((budget, i) => block(String(budget), (ratios) => ratios[i] as number)),
    ];
  },
};

function replayed(planner: Planner): Measure {
  return (_, builds) => (budget) => {
    const { pulled, changed } = replay(builds, planner, budget);
    return pulled / changed;
  };
}

function known(planner: string): Measure {
  return (trace) => (budget) => {
    const value = yardsticks[planner]?.[trace]?.[budget];
    if (value === undefined) throw new Error(`yardsticks.json has no ${planner} of ${trace} with ${budget} layers`);
    return value;
  };
}
