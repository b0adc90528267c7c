/**
 * The step `auto`: splits paths into at most `budget` layers so that the next rebuilds move few bytes.
 *
 * The cost of a layer is its bytes times the chance that it is pulled again (`change-model.ts`). The largest paths start
 * alone, and the two layers whose union costs least are joined until the budget holds; the many small paths then go,
 * largest first, where they cost least; at last single paths are moved while that saves.
 *
 * A layer that clients have already starts whole, and changing it costs its bytes once, against the next rebuilds.
 */
import { ChangeModel } from "./change-model.ts";
import type { Graph } from "./graph.ts";
import type { History } from "./history.ts";
import { Layering } from "./layering.ts";

/** What starts alone or whole, at least; a larger budget needs more. */
const LARGE = 150;
/** Paths that are tried elsewhere at the end, and how often. */
const MOVED = 200;
const MOVES = 2;
/** Rebuilds ahead that count against what is pulled now, where clients have layers already. */
const AHEAD = 10;

/** What is known of earlier builds, in numbers of the graph. */
export interface Known {
  history: History;
  /** Layers that clients have, of paths that are all in the closure still. */
  layers: number[][];
}

/** The layers, as numbers of the graph; their order is of no meaning. */
export function auto(graph: Graph, members: number[], budget: number, known: Known): number[][] {
  if (members.length === 0) return [];
  const inside = new Set(members);
  const kept = known.layers.filter((layer) => layer.every((member) => inside.has(member)));
  const layering = new Layering(graph, new ChangeModel(graph, known.history), kept.length === 0 ? 1 : AHEAD);
  const isKept = new Set(kept.flat());
  const whole = kept.map((layer) => layering.group(layer, true));
  const single = members
    .filter((member) => !isKept.has(member))
    .map((member) => layering.group([member], false))
    // The application is never too small for a layer of its own.
    .toSorted(
      (a, b) =>
        Number(b.isApplication) - Number(a.isApplication) ||
        b.bytes - a.bytes ||
        (a.members[0] as number) - (b.members[0] as number),
    );

  const start = Math.max(LARGE, 2 * budget, whole.length) - whole.length;
  const layers = layering.merge([...whole, ...single.slice(0, start)], budget);
  for (const group of single.slice(start)) layering.add(layering.cheapest(layers, group), group);
  for (let i = 0; i < MOVES && layering.improve(layers, MOVED); i++);
  return layers.map((group) => group.members);
}
