/**
 * The step `auto` (docs/layers.md): splits paths into at most `budget` layers so that clients pull few bytes at the next
 * rebuilds.
 *
 * A layer costs its bytes times the chance that it is pulled again (change-model.ts). First the largest paths have a layer each,
 * and the two layers whose union costs least are joined until the budget holds. Then each small path, the largest first, joins
 * the layer where it costs least. Last, single paths move to other layers while that saves bytes. Path names break ties.
 *
 * Layers that clients already have start whole. Changing such a layer costs its bytes once, compared with savings over the next
 * REBUILDS_AHEAD rebuilds.
 */
import { ChangeModel, type TopPaths } from "./change-model.ts";
import type { Graph } from "./graph.ts";
import type { History } from "./history.ts";
import { Layering, type Group } from "./layering.ts";

/** The lowest number of layers at the start; a large budget starts with twice its number. More make plans less stable. */
const MIN_INITIAL = 100;
/** Limit of small paths of the application that start as layers. */
const MAX_APPLICATION = 16;
/** A plan must cost less than this share of another to be preferred, since the chances are estimates. */
const CLEARLY_LESS = 0.998;
/** Limit of paths that are tried in other layers at the end. */
const MAX_MOVED = 1000;
/** Limit of rounds of such moves. */
const MAX_ROUNDS = 5;
/** The number of rebuilds whose savings count against bytes that clients pull now, if clients already have layers. */
const REBUILDS_AHEAD = 10;

/** Earlier builds, with paths as numbers of the graph. */
export interface Known {
  history: History;
  /** Layers that clients have. Layers with paths that are no longer in the closure are left out. */
  layers: number[][];
}

/** The layers, with paths as numbers of the graph. The order of layers has no meaning. `tops`: as for ChangeModel. */
export function auto(exact: Graph, members: number[], budget: number, known: Known, tops?: TopPaths): number[][] {
  if (members.length === 0) return [];
  const graph = { ...exact, sizes: known.history.rebuilds > 0 ? exact.sizes : exact.sizes.map(rounded) };
  const inside = new Set(members);
  const kept = known.layers.filter((layer) => layer.every((member) => inside.has(member)));
  const isKept = new Set(kept.flat());
  const single = members
    .filter((member) => !isKept.has(member))
    .toSorted((a, b) => (graph.sizes[b] as number) - (graph.sizes[a] as number) || a - b);

  const model = new ChangeModel(graph, known.history, tops);
  const layering = new Layering(graph, model, kept.length === 0 ? 1 : REBUILDS_AHEAD);
  const start = Math.max(MIN_INITIAL, 2 * budget, kept.length) - kept.length;
  const bySize = split(layering, kept, single.slice(0, start), single.slice(start), budget);

  // Small paths of the application may deserve layers, since they change most often: try a second split.
  const application = new Set([...model.application].slice(0, MAX_APPLICATION));
  const small = single.slice(start).filter((member) => application.has(member));
  if (small.length === 0) return membersOf(bySize);
  const rest = single.slice(start).filter((member) => !application.has(member));
  const apart = split(layering, kept, [...single.slice(0, start), ...small], rest, budget);
  const cost = (groups: Group[]) => layering.total(groups, kept);
  return membersOf(cost(apart) < CLEARLY_LESS * cost(bySize) ? apart : bySize);
}

/** Rounds to two steps per doubling: without a lock file, small changes of sizes should not change the plan. */
function rounded(size: number): number {
  return size === 0 ? 0 : 2 ** (Math.round(2 * Math.log2(size)) / 2);
}

/** Splits paths: `kept` and each of `large` start as layers; each of `small` joins the layer where it costs least. */
function split(layering: Layering, kept: number[][], large: number[], small: number[], budget: number): Group[] {
  const whole = kept.map((layer) => layering.group(layer, true));
  const layers = layering.merge([...whole, ...large.map((member) => layering.group([member], false))], budget);
  for (const member of small) {
    const group = layering.group([member], false);
    layering.add(layering.cheapest(layers, group), group);
  }
  for (let i = 0; i < MAX_ROUNDS && layering.improve(layers, MAX_MOVED); i++);
  return layers;
}

function membersOf(layers: Group[]): number[][] {
  return layers.map((group) => group.members);
}
