/** Estimates the changes of layers at the next rebuild, with the model of `auto`. */
import { ChangeModel } from "./change-model.ts";
import { makeGraph, reachable, type ClosurePath } from "./graph.ts";
import { Layering } from "./layering.ts";

/** The expected change of a set of store paths at the next rebuild. */
export interface Outlook {
  /** The chance that a path in the set changes, from 0 to 1. */
  chance: number;
  /** The bytes of the set. */
  bytes: number;
  /** The number of paths in the closures of the set: a change of any of them changes the set. */
  causes: number;
  /** Paths of the set that a rebuild of the application alone changes: paths of the application, and other roots. */
  application: string[];
}

/** The outlooks of sets of store paths. Paths outside the closure are ignored. */
export function outlooks(closure: ClosurePath[], sets: string[][]): Outlook[] {
  const graph = makeGraph(closure);
  const model = new ChangeModel(graph, { rebuilds: 0, changes: [] });
  const layering = new Layering(graph, model, 1);
  return sets.map((paths) => {
    const members = paths.flatMap((path) => graph.index.get(path) ?? []);
    // The model has no chances for an image without store paths.
    if (members.length === 0) return { chance: 0, bytes: 0, causes: 0, application: [] };
    const { chance, bytes } = layering.group(members, false);
    return {
      chance,
      bytes,
      causes: reachable(graph, members).size,
      application: members
        .filter((member) => model.changesWithApplication(member))
        .map((member) => graph.paths[member] as string),
    };
  });
}
