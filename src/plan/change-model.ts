/**
 * How likely a layer is to be pulled again at the next rebuild, knowing nothing of the past.
 *
 * A path gets a new hash when it changes itself or when anything it refers to does, so a layer is pulled again when
 * something changes in the union of its members' closures. Four kinds of rebuild are imagined: one that changes the
 * application only, and three that change each path with a small, a middling and a larger chance.
 */
import { usersFirst, type Graph } from "./graph.ts";

const APPLICATION_REBUILDS = 3;
const OTHER_REBUILDS = 2;
/** Share of all paths that each of the other kinds changes. */
const CHANGED = [0.005, 0.02, 0.08];
const ALL = APPLICATION_REBUILDS + OTHER_REBUILDS * CHANGED.length;

/** The chance that a rebuild changes one of `count` paths, among which the application is or is not. */
export function chanceOfChange(count: number, withApplication: boolean): number {
  let rebuilds = withApplication ? APPLICATION_REBUILDS : 0;
  for (const share of CHANGED) rebuilds += OTHER_REBUILDS * (1 - Math.exp(-share * count));
  return rebuilds / ALL;
}

/** An application is seldom deeper than this below the image's roots; a limit keeps the search short. */
const MAX_APPLICATION = 64;

/**
 * The application: from the roots down, the paths that only such paths refer to and whose closure is more than half of
 * all bytes.
 */
export function applicationPaths(graph: Graph): Set<number> {
  const total = graph.sizes.reduce((sum, size) => sum + size, 0);
  const order = usersFirst(graph);
  const shared = new Set<number>();
  const application = new Set<number>();
  const roots = new Set(order);
  for (const references of graph.references) for (const next of references) roots.delete(next);
  for (const node of order) {
    const references = graph.references[node] as number[];
    const isApplication =
      !shared.has(node) &&
      application.size < MAX_APPLICATION &&
      (roots.has(node) || 2 * closureBytes(graph, node) > total);
    if (isApplication) application.add(node);
    else for (const next of references) shared.add(next);
  }
  return application;
}

function closureBytes(graph: Graph, node: number): number {
  let bytes = 0;
  for (const other of new Set(closureOf(graph, node, new Uint32Array(graph.paths.length), 1))) {
    bytes += graph.sizes[other] as number;
  }
  return bytes;
}

/** The numbers in a path's closure. `seen` and `stamp` mark what was visited, so that one array serves many calls. */
export function closureOf(graph: Graph, node: number, seen: Uint32Array, stamp: number): number[] {
  const found = [node];
  seen[node] = stamp;
  for (const next of found) {
    for (const reference of graph.references[next] as number[]) {
      if (seen[reference] === stamp) continue;
      seen[reference] = stamp;
      found.push(reference);
    }
  }
  return found;
}
