/**
 * The step `auto`: splits paths into at most `budget` layers so that the next rebuilds move few bytes.
 *
 * The cost of a layer is its bytes times the chance that it is pulled again (`change-model.ts`). The largest paths start
 * alone, and the two layers whose union costs least are joined until the budget holds; the many small paths then go,
 * largest first, where they cost least; at last single paths are moved while that saves. Of equals, names decide.
 *
 * A layer that clients have already starts whole, and changing it costs its bytes once, against the next rebuilds.
 */
import { ChangeModel } from "./change-model.ts";
import type { Graph } from "./graph.ts";
import type { History } from "./history.ts";
import { Layering, type Group } from "./layering.ts";

/** What starts alone or whole, at least; a larger budget needs more. A plan that starts from more turns on more. */
const LARGE = 100;
/** Paths of the application that start alone however small they are, at most. */
const APPLICATION = 16;
/** Two plans whose expected costs are closer than this are alike: the chances are estimates. */
const CLEARLY = 0.998;
/** Paths that are tried elsewhere at the end, and how often at most. */
const MOVED = 1000;
const MOVES = 5;
/** Rebuilds ahead that count against what is pulled now, where clients have layers already. */
const AHEAD = 10;

/** What is known of earlier builds, in numbers of the graph. */
export interface Known {
  history: History;
  /** Layers that clients have, of paths that are all in the closure still. */
  layers: number[][];
}

/** The layers, as numbers of the graph; their order is of no meaning. */
export function auto(exact: Graph, members: number[], budget: number, known: Known): number[][] {
  if (members.length === 0) return [];
  const graph = { ...exact, sizes: known.history.rebuilds > 0 ? exact.sizes : exact.sizes.map(rounded) };
  const inside = new Set(members);
  const kept = known.layers.filter((layer) => layer.every((member) => inside.has(member)));
  const isKept = new Set(kept.flat());
  const single = members
    .filter((member) => !isKept.has(member))
    .toSorted((a, b) => (graph.sizes[b] as number) - (graph.sizes[a] as number) || a - b);

  const model = new ChangeModel(graph, known.history);
  const layering = new Layering(graph, model, kept.length === 0 ? 1 : AHEAD);
  const start = Math.max(LARGE, 2 * budget, kept.length) - kept.length;
  const bySize = split(layering, kept, single.slice(0, start), single.slice(start), budget);

  // An application too small to start alone is worth a layer of its own where much hangs on it.
  const application = new Set([...model.application].slice(0, APPLICATION));
  const small = single.slice(start).filter((member) => application.has(member));
  if (small.length === 0) return membersOf(bySize);
  const rest = single.slice(start).filter((member) => !application.has(member));
  const apart = split(layering, kept, [...single.slice(0, start), ...small], rest, budget);
  const lacking = (groups: Group[]) => layering.total(groups, kept);
  return membersOf(lacking(apart) < CLEARLY * lacking(bySize) ? apart : bySize);
}

/** To the nearest of two steps a doubling: where no lock keeps layers, a plan should not turn on sizes that drift. */
function rounded(size: number): number {
  return size === 0 ? 0 : 2 ** (Math.round(2 * Math.log2(size)) / 2);
}

/** Layers of which `kept` and each of `large` start alone; each of `small` goes where it costs least. */
function split(layering: Layering, kept: number[][], large: number[], small: number[], budget: number): Group[] {
  const whole = kept.map((layer) => layering.group(layer, true));
  const layers = layering.merge([...whole, ...large.map((member) => layering.group([member], false))], budget);
  for (const member of small) {
    const group = layering.group([member], false);
    layering.add(layering.cheapest(layers, group), group);
  }
  for (let i = 0; i < MOVES && layering.improve(layers, MOVED); i++);
  return layers;
}

function membersOf(layers: Group[]): number[][] {
  return layers.map((group) => group.members);
}
