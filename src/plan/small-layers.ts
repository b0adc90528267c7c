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

export function smallLayers(layers: readonly string[][], closure: ClosurePath[]): SmallLayer[] {
  const graph = makeGraph(closure);
  const { application, others } = topPaths(graph);
  const used = new Set(graph.references.flat());
  const isMany = application.size > MAX_APPLICATION_PATHS;
  const alone = (nodes: Iterable<number>) =>
    new Set([...nodes].filter((node) => !isMany || !used.has(node)).map((node) => graph.paths[node]));
  const [ofApplication, ofOthers] = [alone(application), alone(others)];
  const sizes = new Map(closure.map(({ path, narSize }) => [path, narSize]));
  return layers.map((paths) => {
    const bytes = paths.reduce((sum, path) => sum + (sizes.get(path) ?? 0), 0);
    if (paths.some((path) => ofApplication.has(path))) return bytes <= MAX_APPLICATION ? "application" : undefined;
    return bytes <= MAX_STABLE && !paths.some((path) => ofOthers.has(path)) ? "stable" : undefined;
  });
}
