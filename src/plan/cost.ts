/** What a plan is expected to cost, by the model that `auto` plans with. */
import { ChangeModel } from "./change-model.ts";
import { makeGraph, type ClosurePath } from "./graph.ts";
import { Layering } from "./layering.ts";

/** Bytes that clients are expected to pull at the next rebuild. Paths outside the closure are left out of account. */
export function expectedPull(closure: ClosurePath[], layers: string[][]): number {
  const graph = makeGraph(closure);
  const history = { rebuilds: 0, changes: [] };
  const layering = new Layering(graph, new ChangeModel(graph, history), 1);
  return layers.reduce((sum, paths) => {
    const members = paths.flatMap((path) => graph.index.get(path) ?? []);
    return sum + layering.cost(layering.group(members, false));
  }, 0);
}
