/** Which store path goes into which layer: one pure function of the closure and the steps. */
import { auto } from "./auto.ts";
import { makeGraph, popularity, reachable, type ClosurePath, type Graph } from "./graph.ts";

/** A step takes paths from what the steps before it left, deepest layer first. Packages are store paths. */
export type Step =
  | { kind: "layer"; name: string; packages: string[]; only: boolean }
  /** The `count` most popular remaining paths share a layer. */
  | { kind: "group"; count: number }
  /** The next `count` paths have a layer each; null: all that remain, until the budget ends. */
  | { kind: "each"; count: number | null }
  /** What remains is split so that rebuilds move few bytes. */
  | { kind: "auto" }
  | { kind: "rest" };

export interface PlanRequest {
  closure: ClosurePath[];
  steps: Step[];
  /** Layers that may be made, at least 1. */
  budget: number;
}

export interface PlannedLayer {
  /** The step that made it, in the words of the spec. */
  name: string;
  /** Sorted. */
  paths: string[];
}

/** Thrown when the steps cannot be followed; its message is for the user. */
export class PlanError extends Error {}

/** The layers, deepest first. Every path of the closure is in exactly one; none is empty; at most `budget`. */
export function plan({ closure, steps, budget }: PlanRequest): PlannedLayer[] {
  const graph = makeGraph(closure);
  const score = popularity(graph);
  let left = graph.paths.map((_, i) => i).toSorted((a, b) => byPopularity(graph, score, a, b));
  const layers: { name: string; members: number[] }[] = [];

  const take = (name: string, members: number[]) => {
    if (members.length === 0) return;
    const taken = new Set(members);
    left = left.filter((i) => !taken.has(i));
    layers.push({ name, members });
  };

  for (const step of [...steps, { kind: "rest" } as const]) {
    const room = budget - layers.length;
    switch (step.kind) {
      case "layer": {
        const named = step.packages.flatMap((path) => graph.index.get(path) ?? []);
        const wanted = step.only ? new Set(named) : reachable(graph, named);
        take(
          `layer "${step.name}"`,
          left.filter((i) => wanted.has(i)),
        );
        break;
      }
      case "group":
        take(`group ${step.count}`, left.slice(0, step.count));
        break;
      case "each": {
        const name = step.count === null ? "each" : `each ${step.count}`;
        // The last layer takes what does not fit.
        const fits = left.length <= room ? left.length : room - 1;
        for (const i of left.slice(0, Math.min(step.count ?? fits, fits))) take(name, [i]);
        break;
      }
      case "auto":
        for (const members of auto(graph, left, Math.max(room, 1)).toSorted(deepestFirst(score))) take("auto", members);
        break;
      case "rest":
        take("rest", left);
    }
  }
  if (layers.length > budget) {
    throw new PlanError(
      `the steps make ${layers.length} layers, but there is room for ${budget}: raise \`max\`, or join steps`,
    );
  }
  return layers.map(({ name, members }) => ({
    name,
    paths: members.map((i) => graph.paths[i] as string).toSorted(),
  }));
}

/** By each layer's most popular path. */
function deepestFirst(score: Uint32Array) {
  const top = (members: number[]) => Math.max(...members.map((i) => score[i] as number));
  return (a: number[], b: number[]) => top(b) - top(a) || (a[0] as number) - (b[0] as number);
}

/** Most popular first; of equals the larger, then by name. */
function byPopularity(graph: Graph, score: Uint32Array, a: number, b: number): number {
  return (
    (score[b] as number) - (score[a] as number) || (graph.sizes[b] as number) - (graph.sizes[a] as number) || a - b
  );
}
