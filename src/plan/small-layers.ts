/** Finds the small layers of an image: one derivation may make several of them (batches.ts). */
import { topPaths } from "./change-model.ts";
import { makeGraph, type ClosurePath } from "./graph.ts";

/** Limit of a layer's bytes: hashing more takes clearly longer than starting a derivation. */
const MAX_BYTES = 24e6;
/** With more application paths than this, only the roots among them are likely to change alone. */
const MAX_APPLICATION = 8;

/** Whether each layer is small and does not change with the application. */
export function smallLayers(layers: readonly string[][], closure: ClosurePath[]): boolean[] {
  const graph = makeGraph(closure);
  const { application, others } = topPaths(graph);
  const used = new Set(graph.references.flat());
  const isMany = application.size > MAX_APPLICATION;
  const alone = [...application, ...others].filter((node) => !isMany || !used.has(node));
  const changing = new Set(alone.map((node) => graph.paths[node]));
  const sizes = new Map(closure.map(({ path, narSize }) => [path, narSize]));
  return layers.map((paths) => {
    const bytes = paths.reduce((sum, path) => sum + (sizes.get(path) ?? 0), 0);
    return bytes <= MAX_BYTES && !paths.some((path) => changing.has(path));
  });
}
