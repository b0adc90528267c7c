/** Computes the expected cost of a plan, with the model of `auto`. */
import { ChangeModel } from "./change-model.ts";
import { makeGraph, type ClosurePath } from "./graph.ts";
import { Layering } from "./layering.ts";

/** The expected bytes that clients pull at the next rebuild. Paths outside the closure are ignored. */
export function expectedPull(closure: ClosurePath[], layers: string[][]): number {
  const graph = makeGraph(closure);
  const history = { rebuilds: 0, changes: [] };
  const layering = new Layering(graph, new ChangeModel(graph, history), 1);
  return layers.reduce((sum, paths) => {
    const members = paths.flatMap((path) => graph.index.get(path) ?? []);
    return sum + layering.cost(layering.group(members, false));
  }, 0);
}
