/** Assigns store paths to layers: a pure function of the closure and the steps. */
import { auto, type Known } from "./auto.ts";
import { makeGraph, popularity, reachable, unreachableWithout, type ClosurePath, type Graph } from "./graph.ts";
import { splitShared, type SharedPaths } from "./shared.ts";
import { PlanError, type Step } from "./steps.ts";

export { PlanError, type Step } from "./steps.ts";

export interface PlanRequest {
  closure: ClosurePath[];
  steps: Step[];
  /** Limit of layers, at least 1. */
  budget: number;
  /** The store paths that the image names directly. */
  roots?: string[];
  /** The ranking of `group` and `each`; the default is popularity. */
  order?: "popularity" | "size";
  /** Numbers that are added to the popularity of store paths. */
  weights?: Record<string, number>;
  /** Store paths that change often. They, and the paths that only they need, are above all other layers. */
  volatile?: string[];
  past?: Past;
}

/** Earlier builds in the lock. */
export interface Past {
  /** The number of recorded rebuilds. */
  rebuilds: number;
  /** By store path, the rebuilds (0 is the oldest) in which the path itself changed. */
  changes: Map<string, number[]>;
  /** Layers that clients have. */
  layers: string[][];
  /** Paths that other images hold as well, in the order of their layers. */
  shared: SharedPaths[];
}

export interface PlannedLayer {
  /** The step that made the layer, as in the spec. */
  name: string;
  /** Sorted. */
  paths: string[];
  /** The user's comment on the layer. */
  comment?: string;
}

/** The name of layers of `auto` that other images share. */
export const SHARED = "auto, shared";

/** Volatile packages are split as by `auto`, into at most this share of the budget. */
const VOLATILE_SHARE = 1 / 4;

/** The facts that all steps use. `score`: the popularity of paths. */
interface Planning {
  graph: Graph;
  known: Known;
  score: Float64Array;
  shared: SharedPaths[];
}

interface Planned {
  name: string;
  members: number[];
  comment?: string | null;
}

/** The layers, deepest first. Every path of the closure is in exactly one layer, and no layer is empty. */
export function plan(request: PlanRequest): PlannedLayer[] {
  const { closure, steps, budget, roots = [], order = "popularity", weights = {}, volatile = [], past } = request;
  const graph = makeGraph(closure);
  const known = knownOf(graph, past);
  const shared = past?.shared ?? [];
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
    ...follow({ graph, known, score, shared }, steps, rest, budget - onTop.length),
    ...onTop.map((members) => ({ name: "volatile", members })),
  ];
  if (layers.length > budget) {
    throw new PlanError(
      `the steps make ${layers.length} layers, but only ${budget} are left: raise \`max\`, or use fewer steps`,
    );
  }
  return layers.map(({ name, members, comment = null }) => {
    const paths = members.map((i) => graph.paths[i] as string).toSorted();
    return { name, paths, ...(comment === null ? {} : { comment }) };
  });
}

/** Splits `members`, which are ranked, by the steps; the remaining paths share a layer. */
function follow(planning: Planning, steps: Step[], members: number[], budget: number): Planned[] {
  const { graph, known, score, shared } = planning;
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
          for (const part of follow(planning, step.steps, inside, room - outside)) {
            take(`${name} ${part.name}`, part.members, step.comment);
          }
        }
        break;
      }
      case "group":
        take(`group ${step.count}`, left.slice(0, step.count));
        break;
      case "each": {
        // If not all paths fit, a last layer takes the remaining ones.
        const fits = left.length <= room ? left.length : room - 1;
        const name = step.count === null ? "each" : `each ${step.count}`;
        for (const i of left.slice(0, Math.max(0, Math.min(step.count ?? fits, fits)))) take(name, [i]);
        break;
      }
      case "auto": {
        const split = splitShared(graph, left, room, known, shared);
        for (const part of split.layers) take(SHARED, part);
        const own = auto(graph, split.left, Math.max(room - split.layers.length, 1), known);
        for (const part of own.toSorted(deepestFirst(score))) take("auto", part);
        break;
      }
      case "rest":
        take("rest", left);
    }
  }
  return layers;
}

/** Compares layers by their most popular paths, then by their first paths: the order of `auto`'s result has no effect. */
function deepestFirst(score: Float64Array) {
  const top = (members: number[]) => members.reduce((most, i) => Math.max(most, score[i] as number), -Infinity);
  const first = (members: number[]) => members.reduce((least, i) => Math.min(least, i), Infinity);
  return (a: number[], b: number[]) => top(b) - top(a) || first(a) - first(b);
}

/** Compares paths by `order`, then by the other criterion, then by name, since paths are numbered by name. */
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
