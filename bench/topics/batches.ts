/** Counts the layers and derivations that a build makes again after an update. One derivation makes several small layers. */
import { join } from "node:path";
import { imgcWithLock } from "../layers/imgc.ts";
import { TRACES, TRACES_FOLDER } from "../layers/measure.ts";
import { replay, type Planner } from "../layers/replay.ts";
import { oneMorePackage } from "../layers/one-more.ts";
import { mean } from "../layers/statistics.ts";
import { readTrace, snapshots, type Snapshot } from "../layers/trace.ts";
import { layerPlaces, LockedLayers } from "../../src/lock/layers.ts";
import { batchesOf } from "../../src/plan/batches.ts";
import type { Section } from "../section.ts";

const BUDGET = 100;

interface Build {
  /** The layers that each derivation makes. */
  derivations: string[][];
}

export const section: Section = {
  title: "Layers made again after an update",
  about:
    `Images have at most ${BUDGET} layers and a lock. Small layers share derivations, and a derivation runs again if one of its ` +
    "layers changed. The numbers are means over the updates of a trace (docs/layers.md). In the last row, the update is one more " +
    "package, which brings 3 to 12 store paths, in images of 40 packages from a trace.",
  async run() {
    const updates = TRACES.map((trace): [string, Build[][]] => [
      trace,
      [buildsOf(snapshots(readTrace(join(TRACES_FOLDER, `${trace}.json.gz`))))],
    ]);
    const added = oneMorePackage().map(buildsOf);
    return [...updates, ["one more package", added] as const].map(([update, sequences]) => {
      const all = sequences.flatMap(changes);
      const cell = (numbers: number[]) => mean(numbers).toFixed(1);
      return {
        update,
        "derivations of the first build": cell(sequences.map(([first]) => first?.derivations.length ?? 0)),
        "changed layers": cell(all.map(({ changed }) => changed)),
        "layers made again": cell(all.map(({ again }) => again)),
        "derivations that run": cell(all.map(({ run }) => run)),
      };
    });
  },
};

function buildsOf(sequence: Snapshot[]): Build[] {
  const builds: Build[] = [];
  const planner: Planner = (input) => {
    const planned = imgcWithLock(input);
    const lock = input.previous === null ? undefined : LockedLayers.parse(input.previous.state);
    const closure = input.closure.map(({ path, size, references }) => ({ path, narSize: size, references }));
    const layers = planned.layers.map((paths) => ({ name: "auto", paths }));
    const batches = batchesOf(layers, closure, layerPlaces(lock, closure, planned.layers));
    const made = Map.groupBy(planned.layers.keys(), (i) => batches[i] ?? `layer ${i}`);
    builds.push({
      derivations: [...made.values()].map((members) => members.map((i) => layers[i]?.paths.join() ?? "")),
    });
    return planned;
  };
  replay(sequence, planner, BUDGET);
  return builds;
}

/** For each build after the first, the numbers of changed layers, of layers that are made again, and of derivations that run. */
function changes([first, ...others]: Build[]): { changed: number; again: number; run: number }[] {
  const known = new Set<string>();
  const nameOf = (layers: string[]) => layers.toSorted().join(" ");
  const add = ({ derivations }: Build) =>
    derivations.forEach((layers) => [...layers, nameOf(layers)].forEach((each) => known.add(each)));
  if (first !== undefined) add(first);
  return others.map((build) => {
    const run = build.derivations.filter((layers) => !known.has(nameOf(layers)));
    const changed = run.flat().filter((layer) => !known.has(layer)).length;
    add(build);
    return { changed, again: run.flat().length, run: run.length };
  });
}
