/**
 * `auto-layer`, the default of nixpkgs since 2025: the largest paths are primaries, and each other path is labelled with
 * its nearest primaries: of the primaries whose closure contains the path, those whose closure contains no other of them.
 * Paths with equal labels share a layer. Primaries are added until there would be more labels than layers.
 */
import { below, numbered, pathsOf } from "./numbered.ts";
import type { Planner } from "./replay.ts";
import type { TracePath } from "./trace.ts";

export const autoLayer: Planner = ({ closure, maxLayers }) => {
  const graph = numbered(closure);
  const bySize = graph.nodes.map((_, i) => i).toSorted((a, b) => largestFirst(graph.nodes, a, b));
  // A label is a set of primaries, one bit each.
  let labels = graph.nodes.map(() => 0n);
  const lower: Set<number>[] = [];
  for (const [i, primary] of bySize.entries()) {
    const own = 1n << BigInt(i);
    const reached = below(graph, primary);
    const users = bits(lower.map((paths) => paths.has(primary)));
    const primariesBelow = bits(bySize.slice(0, i).map((other) => reached.has(other)));
    const next = labels.with(primary, own);
    for (const path of reached) {
      const left = (next[path] as bigint) & ~users;
      next[path] = (left & primariesBelow) === 0n ? left | own : left;
    }
    if (new Set(next).size > maxLayers) break;
    labels = next;
    lower.push(reached);
  }
  const layers = Map.groupBy(labels.keys(), (i) => labels[i]);
  return { layers: pathsOf(graph, layers.values()) };
};

/** Among equal sizes the last path comes first: nixpkgs takes primaries from the end of an ascending list. */
function largestFirst(nodes: TracePath[], a: number, b: number): number {
  const [x, y] = [nodes[a] as TracePath, nodes[b] as TracePath];
  return y.size - x.size || (x.path < y.path ? 1 : -1);
}

function bits(flags: boolean[]): bigint {
  return flags.reduce((set, flag, i) => (flag ? set | (1n << BigInt(i)) : set), 0n);
}
