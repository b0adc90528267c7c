/** Which store path goes into which layer: one pure function of the closure and the steps. */
import { auto, type Known } from "./auto.ts";
import { makeGraph, popularity, reachable, unreachableWithout, type ClosurePath, type Graph } from "./graph.ts";
import { PlanError, type Step } from "./steps.ts";

export { PlanError, type Step } from "./steps.ts";

export interface PlanRequest {
  closure: ClosurePath[];
  steps: Step[];
  /** Layers that may be made, at least 1. */
  budget: number;
  /** The store paths that the image names itself. */
  roots?: string[];
  /** How `group` and `each` rank; popularity where left out. */
  order?: "popularity" | "size";
  /** Added to a path's popularity, by store path. */
  weights?: Record<string, number>;
  /** What changes often, as store paths: it and what only it needs lie above everything else. */
  volatile?: string[];
  past?: Past;
}

/** What the lock knows of earlier builds. */
export interface Past {
  /** Rebuilds it has seen. */
  rebuilds: number;
  /** By store path: at which of them (0 is the oldest) it changed by itself. */
  changes: Map<string, number[]>;
  /** Layers that clients have. */
  layers: string[][];
}

export interface PlannedLayer {
  /** The step that made it, in the words of the spec. */
  name: string;
  /** Sorted. */
  paths: string[];
  /** The user's comment on the layer. */
  comment?: string;
}

/** Volatile packages may be split as `auto` would, into this share of the budget. */
const VOLATILE_SHARE = 1 / 4;

interface Planned {
  name: string;
  members: number[];
  comment?: string | null;
}

/** The layers, deepest first. Every path of the closure is in exactly one; none is empty; at most `budget`. */
export function plan(request: PlanRequest): PlannedLayer[] {
  const { closure, steps, budget, roots = [], order = "popularity", weights = {}, volatile = [], past } = request;
  const graph = makeGraph(closure);
  const known = knownOf(graph, past);
  const score = Float64Array.from(popularity(graph));
  for (const [path, weight] of Object.entries(weights)) {
    const member = graph.index.get(path);
    if (member !== undefined) score[member] = (score[member] as number) + weight;
  }
  const ranked = graph.paths.map((_, i) => i).toSorted(ranking(graph, score, order));

  const numbers = (paths: string[]) => paths.flatMap((path) => graph.index.get(path) ?? []);
  const often = unreachableWithout(graph, numbers(roots), numbers(volatile));
  const top = ranked.filter((i) => often.has(i));
  const splits = top.length === 0 ? 0 : Math.max(1, Math.floor(budget * VOLATILE_SHARE));
  const onTop = top.length === 0 ? [] : auto(graph, top, splits, known).toSorted(deepestFirst(score));

  const rest = ranked.filter((i) => !often.has(i));
  const layers: Planned[] = [
    ...follow(graph, known, score, steps, rest, budget - onTop.length),
    ...onTop.map((members) => ({ name: "volatile", members })),
  ];
  if (layers.length > budget) {
    throw new PlanError(
      `the steps make ${layers.length} layers, but there is room for ${budget}: raise \`max\`, or join steps`,
    );
  }
  return layers.map(({ name, members, comment = null }) => {
    const paths = members.map((i) => graph.paths[i] as string).toSorted();
    return { name, paths, ...(comment === null ? {} : { comment }) };
  });
}

/** Splits `members`, which are ranked, by the steps; what they leave shares a layer. */
function follow(
  graph: Graph,
  known: Known,
  score: Float64Array,
  steps: Step[],
  members: number[],
  budget: number,
): Planned[] {
  let left = members;
  const layers: Planned[] = [];

  const take = (name: string, taken: number[], comment: string | null = null) => {
    if (taken.length === 0) return;
    const gone = new Set(taken);
    left = left.filter((i) => !gone.has(i));
    layers.push({ name, members: taken, comment });
  };

  for (const step of [...steps, { kind: "rest" } as const]) {
    const room = budget - layers.length;
    switch (step.kind) {
      case "layer": {
        const named = step.packages.flatMap((path) => graph.index.get(path) ?? []);
        const wanted = step.only ? new Set(named) : reachable(graph, named);
        const inside = left.filter((i) => wanted.has(i));
        const outside = left.length > inside.length ? 1 : 0;
        const name = `layer "${step.name}"`;
        if (step.steps.length === 0) take(name, inside, step.comment);
        else {
          for (const part of follow(graph, known, score, step.steps, inside, room - outside)) {
            take(`${name} ${part.name}`, part.members, step.comment);
          }
        }
        break;
      }
      case "group":
        take(`group ${step.count}`, left.slice(0, step.count));
        break;
      case "each": {
        // The last layer takes what does not fit.
        const fits = left.length <= room ? left.length : room - 1;
        const name = step.count === null ? "each" : `each ${step.count}`;
        for (const i of left.slice(0, Math.max(0, Math.min(step.count ?? fits, fits)))) take(name, [i]);
        break;
      }
      case "auto":
        for (const part of auto(graph, left, Math.max(room, 1), known).toSorted(deepestFirst(score)))
          take("auto", part);
        break;
      case "rest":
        take("rest", left);
    }
  }
  return layers;
}

/** By each layer's most popular path, then by its first: the order must not tell how a layer came about. */
function deepestFirst(score: Float64Array) {
  const top = (members: number[]) => members.reduce((most, i) => Math.max(most, score[i] as number), -Infinity);
  const first = (members: number[]) => members.reduce((least, i) => Math.min(least, i), Infinity);
  return (a: number[], b: number[]) => top(b) - top(a) || first(a) - first(b);
}

/** The first criterion decides, then the other; of equals, the name (paths are numbered by name). */
function ranking(graph: Graph, score: Float64Array, order: "popularity" | "size") {
  const [first, second] = order === "popularity" ? [score, graph.sizes] : [graph.sizes, score];
  return (a: number, b: number): number =>
    (first[b] as number) - (first[a] as number) || (second[b] as number) - (second[a] as number) || a - b;
}

function knownOf(graph: Graph, past: Past | undefined): Known {
  return {
    history: { rebuilds: past?.rebuilds ?? 0, changes: graph.paths.map((path) => past?.changes.get(path) ?? []) },
    layers: (past?.layers ?? []).map((paths) => paths.flatMap((path) => graph.index.get(path) ?? [])),
  };
}
