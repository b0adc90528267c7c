/** imgc's planner for images that are planned together. */
import { LockedLayers, nextLock, pastOf } from "../../src/lock/layers.ts";
import { plan } from "../../src/plan/plan.ts";
import { shareLayers } from "../../src/plan/sharing.ts";
import type { FamilyImage } from "./families.ts";
import type { Planner } from "./replay.ts";
import type { TracePath } from "./trace.ts";

/** The planner of each image; the classes stay those of the given closures, by the names of packages. */
export function together(images: FamilyImage[], maxLayers: number): Planner[] {
  const classes = shareLayers(
    images.map(({ name, closure }) => {
      return { name, closure: nodesOf(closure), paths: closure.map(({ path }) => path), budget: maxLayers, form: "" };
    }),
  );
  const nameOf = new Map(images.flatMap(({ closure }) => closure.map(({ path, name }) => [path, name])));
  return images.map(({ name }) => {
    const own = classes.filter((each) => each.images.includes(name));
    const named = own.map(({ paths, layers }) => ({ names: new Set(paths.map((path) => nameOf.get(path))), layers }));
    return (input) => planWith(named, input);
  });
}

function planWith(
  classes: { names: Set<string | undefined>; layers: number }[],
  { closure, maxLayers, previous }: Parameters<Planner>[0],
): ReturnType<Planner> {
  const nodes = nodesOf(closure);
  const lock = previous === null ? undefined : LockedLayers.parse(previous.state);
  const past =
    lock === undefined ? { rebuilds: 0, changes: new Map<string, number[]>(), layers: [] } : pastOf(lock, nodes);
  const shared = classes.map(({ names, layers }) => ({
    paths: closure.filter(({ name }) => names.has(name)).map(({ path }) => path),
    layers,
  }));
  const layers = plan({ closure: nodes, steps: [{ kind: "auto" }], budget: maxLayers, past: { ...past, shared } });
  const paths = layers.map((layer) => layer.paths);
  return { layers: paths, state: nextLock(lock, nodes, paths) };
}

function nodesOf(closure: TracePath[]) {
  return closure.map(({ path, size, references }) => ({ path, narSize: size, references }));
}
