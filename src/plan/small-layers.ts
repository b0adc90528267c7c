/** Finds the small layers of an image: one derivation may make several of them (batches.ts). */
import { topPaths } from "./change-model.ts";
import { makeGraph, type ClosurePath } from "./graph.ts";

/** Limit of the bytes of a stable layer: hashing more takes clearly longer than starting a derivation. */
const MAX_STABLE = 24e6;
/** Limit of the bytes of a layer of the application, which each new plan reads again. */
const MAX_APPLICATION = 4e6;
/** With more application paths than this, only the roots among them are likely to change alone. */
const MAX_APPLICATION_PATHS = 8;

/** `application`: the layer changes with the application. `stable`: the layer does not. Undefined for large layers. */
export type SmallLayer = "application" | "stable" | undefined;

/** Paths that a change of the application is likely to change. */
export interface ChangingPaths {
  application: Set<string>;
  /** Other roots. */
  others: Set<string>;
}

export function changingPaths(closure: ClosurePath[]): ChangingPaths {
  const graph = makeGraph(closure);
  const { application, others } = topPaths(graph);
  const used = new Set(graph.references.flat());
  const isMany = application.size > MAX_APPLICATION_PATHS;
  const alone = (nodes: Iterable<number>) =>
    new Set([...nodes].filter((node) => !isMany || !used.has(node)).map((node) => graph.paths[node] as string));
  return { application: alone(application), others: alone(others) };
}

export function smallLayers(
  layers: readonly string[][],
  closure: ClosurePath[],
  { application, others } = changingPaths(closure),
): SmallLayer[] {
  const sizes = new Map(closure.map(({ path, narSize }) => [path, narSize]));
  return layers.map((paths) => {
    const bytes = paths.reduce((sum, path) => sum + (sizes.get(path) ?? 0), 0);
    if (paths.some((path) => application.has(path))) return bytes <= MAX_APPLICATION ? "application" : undefined;
    return bytes <= MAX_STABLE && !paths.some((path) => others.has(path)) ? "stable" : undefined;
  });
}
