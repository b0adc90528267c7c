/**
 * Selects small layers whose recipes one derivation makes, since a derivation costs more time than hashing a small layer.
 *
 * A batch is made again if one of its layers changes. So layers that change with the application are in no batch, batches are
 * small, and names of packages decide which layers share a batch: a change of one layer leaves the other batches as they are.
 */
import { scramble, topPaths } from "./change-model.ts";
import { makeGraph, type ClosurePath } from "./graph.ts";
import { splitName } from "../store/store-path.ts";

/** Limit of a layer's bytes. */
const MAX_BYTES = 8e6;
/** Fewer layers than this are not worth batches. */
const MIN_LAYERS = 16;
/** Limit of layers in a batch. */
const MAX_MEMBERS = 12;

/** For each layer, the name of its batch; undefined for a layer with a derivation of its own. */
export function batchesOf(
  layers: readonly { name: string; paths: string[] }[],
  closure: ClosurePath[],
): (string | undefined)[] {
  const graph = makeGraph(closure);
  const { application, others } = topPaths(graph);
  const changing = new Set([...application, ...others].map((node) => graph.paths[node]));
  const sizes = new Map(closure.map(({ path, narSize }) => [path, narSize]));
  const small = layers.flatMap(({ name, paths }, layer) => {
    const bytes = paths.reduce((sum, path) => sum + (sizes.get(path) ?? 0), 0);
    const isApart = bytes > MAX_BYTES || name === "volatile" || paths.some((path) => changing.has(path));
    return isApart ? [] : [{ layer, hash: scramble(splitName(paths[0] as string).name) }];
  });
  const batches = layers.map((): string | undefined => undefined);
  const split = (members: typeof small, bits: string): void => {
    if (members.length > MAX_MEMBERS && bits.length < 32) {
      for (const bit of [0, 1])
        split(
          members.filter(({ hash }) => ((hash >>> bits.length) & 1) === bit),
          `${bits}${bit}`,
        );
    } else if (members.length > 1) for (const { layer } of members) batches[layer] = `batch-${bits}`;
  };
  if (small.length >= MIN_LAYERS) split(small, "");
  return batches;
}
