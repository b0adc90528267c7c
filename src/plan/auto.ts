/**
 * The step `auto`: splits paths into at most `budget` layers so that the next rebuilds move few bytes.
 *
 * The cost of a layer is its bytes times the chance that it is pulled again (`change-model.ts`). The largest paths start
 * alone, and the two layers whose union costs least are joined until the budget holds; the many small paths then go,
 * largest first, where they cost least; at last single paths are moved while that saves. Every stage works on a bounded
 * number of large paths or follows closures once, so that time grows with the closure and not with its square.
 */
import { applicationPaths, chanceOfChange, closureOf } from "./change-model.ts";
import type { Graph } from "./graph.ts";
import { mergeLargest } from "./merge.ts";
import { Partition } from "./partition.ts";

/** Paths that start alone, at least; a larger budget needs more of them. */
const LARGE = 150;
/** Paths that are tried elsewhere at the end, and how often. */
const MOVED = 200;
const MOVES = 2;

/** The part of the budget that the application's own paths may take. */
const APPLICATION_SHARE = 1 / 4;

/** The layers, as numbers of the graph; their order is of no meaning. */
export function auto(graph: Graph, members: number[], budget: number): number[][] {
  const application = applicationPaths(graph);
  const own = members.filter((member) => application.has(member));
  const others = members.filter((member) => !application.has(member));
  if (budget < 2 || own.length === 0 || others.length === 0) return split(graph, members, budget, application);
  // Apart, so that a changed application never shares a layer with what did not change.
  const ownBudget = Math.max(1, Math.min(own.length, Math.floor(budget * APPLICATION_SHARE)));
  return [...split(graph, others, budget - ownBudget, application), ...split(graph, own, ownBudget, application)];
}

function split(graph: Graph, members: number[], budget: number, application: Set<number>): number[][] {
  if (members.length <= budget) return members.map((member) => [member]);
  const bySize = members.toSorted((a, b) => (graph.sizes[b] as number) - (graph.sizes[a] as number) || a - b);
  const large = bySize.slice(0, Math.max(LARGE, 2 * budget));

  const chances = new Map<number, number>();
  const chance = (count: number, withApplication: boolean) => {
    const key = 2 * count + (withApplication ? 1 : 0);
    let known = chances.get(key);
    if (known === undefined) chances.set(key, (known = chanceOfChange(count, withApplication)));
    return known;
  };

  const seen = new Uint32Array(graph.paths.length);
  let stamp = 0;
  const closure = (member: number) => closureOf(graph, member, seen, ++stamp);

  const merged = mergeLargest(graph, large, budget, closure, application, chance);
  const partition = new Partition(graph, merged, closure, application, chance);
  for (const member of bySize.slice(large.length)) partition.place(member);
  for (let i = 0; i < MOVES && partition.improve(MOVED); i++);
  return partition.groups();
}
