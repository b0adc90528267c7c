/**
 * Splits the paths that an image shares with others (sharing.ts). The result for a class depends only on its paths and their
 * closures, and on the recorded changes of these, so it is the same in each image of the class.
 */
import { auto, type Known } from "./auto.ts";
import { popularity, reachable, type Graph } from "./graph.ts";

/** A class of paths that other images share, and the number of its layers. */
export interface SharedPaths {
  paths: string[];
  layers: number;
}

/** Paths of applications are in classes apart from other paths, so all paths of a class change with them, or none. */
const NO_TOPS = { application: new Set<number>(), others: new Set<number>() };

/**
 * The layers of the shared classes, and the members that are left. At least one layer of the budget stays for these: classes
 * that do not fit are not shared.
 */
export function splitShared(
  graph: Graph,
  members: number[],
  budget: number,
  known: Known,
  classes: SharedPaths[],
): { layers: number[][]; left: number[] } {
  const inside = new Set(members);
  const layers: number[][] = [];
  for (const { paths, layers: count } of classes) {
    const shared = paths.flatMap((path) => graph.index.get(path) ?? []).filter((member) => inside.has(member));
    const limit = Math.min(count, shared.length);
    const isAll = shared.length === inside.size;
    if (limit === 0 || layers.length + limit > budget - (isAll ? 0 : 1)) continue;
    layers.push(...splitClass(graph, shared, limit, known));
    for (const member of shared) inside.delete(member);
  }
  return { layers, left: members.filter((member) => inside.has(member)) };
}

/** The layers of a class, in an order that is the same in each image: Docker reuses a layer only above the same layers. */
function splitClass(graph: Graph, members: number[], budget: number, known: Known): number[][] {
  const nodes = [...reachable(graph, members)].toSorted((a, b) => a - b);
  const numbers = new Map(nodes.map((node, i) => [node, i]));
  const toSub = (some: number[]) => some.flatMap((node) => numbers.get(node) ?? []);
  const sub: Graph = {
    paths: nodes.map((node) => graph.paths[node] as string),
    sizes: nodes.map((node) => graph.sizes[node] as number),
    references: nodes.map((node) => toSub(graph.references[node] as number[])),
    index: new Map(nodes.map((node, i) => [graph.paths[node] as string, i])),
  };
  const inside = new Set(members);
  const layers = auto(
    sub,
    toSub(members),
    budget,
    {
      history: historyOf(known, nodes),
      layers: known.layers.filter((layer) => layer.every((member) => inside.has(member))).map(toSub),
    },
    NO_TOPS,
  );
  const score = popularity(sub);
  const rank = (layer: number[]) => layer.reduce((most, member) => Math.max(most, score[member] as number), 0);
  const first = (layer: number[]) => layer.reduce((least, member) => Math.min(least, member), Infinity);
  return layers
    .toSorted((a, b) => rank(b) - rank(a) || first(a) - first(b))
    .map((layer) => layer.map((member) => nodes[member] as number));
}

/** The recorded rebuilds that changed any of the nodes, since other rebuilds may be those of a single image. */
function historyOf({ history }: Known, nodes: number[]): Known["history"] {
  const changes = nodes.map((node) => history.changes[node] ?? []);
  const rebuilds = [...new Set(changes.flat())].toSorted((a, b) => a - b);
  const numbers = new Map(rebuilds.map((rebuild, i) => [rebuild, i]));
  return { rebuilds: rebuilds.length, changes: changes.map((some) => some.flatMap((each) => numbers.get(each) ?? [])) };
}
