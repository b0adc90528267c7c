/** The closure as a graph of numbered paths. It uses plain arrays, since closures have up to 50,000 paths. */
import { nameOf } from "../store/store-path.ts";

/** A store path as Nix describes it. `narSize` is in bytes; `references` may name the path itself. */
export interface ClosurePath {
  path: string;
  narSize: number;
  references: string[];
}

export interface Graph {
  /** Sorted by name, so that the numbers depend neither on the input's order nor on hashes. */
  paths: string[];
  sizes: number[];
  /** For each path, the numbers of its references, without itself and without paths outside the graph. */
  references: number[][];
  index: Map<string, number>;
}

export function makeGraph(closure: ClosurePath[]): Graph {
  const sorted = closure
    .map((node) => ({ ...node, key: `${nameOf(node.path)}/${node.path}` }))
    .toSorted((a, b) => (a.key < b.key ? -1 : 1));
  const index = new Map(sorted.map((node, i) => [node.path, i]));
  const references = sorted.map((node, i) =>
    node.references.flatMap((path) => {
      const target = index.get(path);
      return target === undefined || target === i ? [] : [target];
    }),
  );
  return { paths: sorted.map((n) => n.path), sizes: sorted.map((n) => n.narSize), references, index };
}

/** The numbers reachable from `roots`, the roots included. */
export function reachable(graph: Graph, roots: Iterable<number>): Set<number> {
  const seen = new Set(roots);
  // A set may grow while it is walked.
  for (const node of seen) for (const next of graph.references[node] ?? []) seen.add(next);
  return seen;
}

/** `members`, and all paths that `roots` and paths without users reach only through `members`. */
export function unreachableWithout(graph: Graph, roots: number[], members: number[]): Set<number> {
  if (members.length === 0) return new Set();
  const without = new Set(members);
  const kept = new Set(roots.filter((root) => !without.has(root)));
  // Users come first, so all users of a path are decided before the path.
  const used = new Set<number>();
  for (const node of usersFirst(graph)) {
    const isTop = !used.has(node) && !without.has(node);
    for (const next of graph.references[node] as number[]) used.add(next);
    if (without.has(node) || !(isTop || kept.has(node))) continue;
    kept.add(node);
    for (const next of graph.references[node] as number[]) if (!without.has(next)) kept.add(next);
  }
  return new Set(graph.paths.map((_, i) => i).filter((i) => !kept.has(i)));
}

/** For every path, the number of paths that reach it, itself included. */
export function popularity(graph: Graph): Uint32Array {
  const order = usersFirst(graph);
  const place = new Uint32Array(order.length);
  for (const [i, node] of order.entries()) place[node] = i;
  // The references of all paths in one array, in this order, so that the loops below read adjacent memory.
  const starts = new Uint32Array(order.length + 1);
  for (const [i, node] of order.entries()) {
    starts[i + 1] = (starts[i] as number) + (graph.references[node] as number[]).length;
  }
  const targets = Uint32Array.from(
    order.flatMap((node) => graph.references[node] as number[]),
    (next) => place[next] as number,
  );
  const count = new Uint32Array(order.length);
  const users = new Uint32Array(order.length);
  // Counts 32 users at a time: each user is a bit, and bits spread along the references.
  for (let first = 0; first < order.length; first += 32) {
    users.fill(0, first);
    for (let i = first; i < Math.min(first + 32, order.length); i++) users[i] = 1 << (i - first);
    for (let i = first; i < order.length; i++) {
      const bits = users[i] as number;
      if (bits === 0) continue;
      const node = order[i] as number;
      count[node] = (count[node] as number) + bitCount(bits);
      for (let at = starts[i] as number; at < (starts[i + 1] as number); at++) {
        const next = targets[at] as number;
        users[next] = (users[next] as number) | bits;
      }
    }
  }
  return count;
}

/** All numbers, each before its references. Nix's references have no cycles except self-references. */
export function usersFirst(graph: Graph): number[] {
  const users = new Uint32Array(graph.paths.length);
  for (const references of graph.references) for (const next of references) users[next] = (users[next] as number) + 1;
  const order = graph.paths.flatMap((_, i) => (users[i] === 0 ? [i] : []));
  for (const node of order) {
    for (const next of graph.references[node] as number[]) {
      users[next] = (users[next] as number) - 1;
      if (users[next] === 0) order.push(next);
    }
  }
  return order;
}

function bitCount(bits: number): number {
  let n = bits - ((bits >>> 1) & 0x55555555);
  n = (n & 0x33333333) + ((n >>> 2) & 0x33333333);
  return (((n + (n >>> 4)) & 0x0f0f0f0f) * 0x01010101) >>> 24;
}
