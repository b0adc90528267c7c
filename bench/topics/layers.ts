/** What clients pull again, by planner: traces of real updates replayed. */
import { join } from "node:path";
import { ours, oursWithLock } from "../layers/ours.ts";
import { apko, nix2container, nixpkgsPopularity, oneLayer } from "../layers/peers.ts";
import { replay, type Planner } from "../layers/replay.ts";
import { readTrace, snapshots } from "../layers/trace.ts";
import type { Row, Section } from "../section.ts";

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
const PLANNERS: [name: string, planner: Planner][] = [
  ["one layer", oneLayer],
  ["nixpkgs popularity", nixpkgsPopularity],
  ["nix2container", nix2container],
  ["apko, by size", apko],
  ["auto", ours],
  ["auto with lock", oursWithLock],
];

export const section: Section = {
  title: "Bytes pulled again",
  about:
    "Bytes that a client pulls over a trace of updates, as a multiple of the bytes of the paths that changed: 1 is one " +
    "layer a path, without a budget. Other tools' ways are written anew from descriptions.",
  document: "layers.md",
  async run() {
    const traces = TRACES.map((name) => {
      const builds = snapshots(readTrace(join(import.meta.dirname, "../traces", `${name}.json.gz`)));
      return { name, builds };
    });
    return BUDGETS.flatMap((budget) =>
      PLANNERS.map(([planner, choose]): Row => {
        const cells = traces.map(({ name, builds }): [string, string] => {
          const { pulled, changed } = replay(builds, choose, budget);
          return [name, (pulled / changed).toFixed(2)];
        });
        return { layers: String(budget), planner, ...Object.fromEntries(cells) };
      }),
    );
  },
};
