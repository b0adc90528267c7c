/** The planners of imgc for the harness: without and with the state of imgc.lock. */
import { LockedLayers, nextLock, pastOf } from "../../src/lock/layers.ts";
import { plan } from "../../src/plan/plan.ts";
import type { Planner } from "./replay.ts";

export const imgc: Planner = ({ closure, maxLayers }) => {
  const layers = plan({
    closure: closure.map(({ path, size, references }) => ({ path, narSize: size, references })),
    steps: [{ kind: "auto" }],
    budget: maxLayers,
  });
  return { layers: layers.map(({ paths }) => paths) };
};

export const imgcWithLock: Planner = ({ closure, maxLayers, previous }) => {
  const paths = closure.map(({ path, size, references }) => ({ path, narSize: size, references }));
  const lock = previous === null ? undefined : LockedLayers.parse(previous.state);
  const layers = plan({
    closure: paths,
    steps: [{ kind: "auto" }],
    budget: maxLayers,
    ...(lock === undefined ? {} : { past: pastOf(lock, paths) }),
  }).map((layer) => layer.paths);
  return { layers, state: nextLock(lock, paths, layers) };
};
