/**
 * Nixery: paths form a dominator tree; popular paths and paths with large closures are moved to its root. Each child of the
 * root is a layer with all paths below it. If there are too many layers, those with the lowest rating (popularity of the
 * top path times the closure sizes of its paths) are merged into one.
 */
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import * as z from "zod/mini";
import { below, numbered, pathsOf, type Numbered } from "./numbered.ts";
import type { Planner } from "./replay.ts";

const LARGE = 100_000_000;
const POPULAR = 100;

/** `popularity`: the number of packages that refer to a name. */
export function nixery(popularity: Record<string, number>): Planner {
  return ({ closure, maxLayers }) => {
    const graph = numbered(closure);
    const sizeOf = (path: number) => graph.nodes[path]?.size ?? 0;
    const popular = graph.nodes.map(({ name }) => popularity[name] ?? 1);
    const closureSize = graph.nodes.map((_, i) => [i, ...below(graph, i)].reduce((sum, path) => sum + sizeOf(path), 0));
    const atRoot = graph.nodes.map((_, i) => (closureSize[i] as number) > LARGE || (popular[i] as number) >= POPULAR);

    const groups = Map.groupBy(graph.nodes.keys(), topOf(graph, atRoot));
    const rating = (top: number, members: number[]) =>
      (popular[top] as number) * members.reduce((sum, member) => sum + (closureSize[member] as number), 0);
    const layers = [...groups]
      .map(([top, members]) => ({ top, members, rating: rating(top, members) }))
      .toSorted((a, b) => a.rating - b.rating || a.top - b.top)
      .map(({ members }) => members);
    const merged = Math.max(0, layers.length - maxLayers) + 1;
    return { layers: pathsOf(graph, [layers.slice(0, merged).flat(), ...layers.slice(merged)]) };
  };
}

/** Finds a path's ancestor directly below the root of the dominator tree. */
function topOf({ nodes, users }: Numbered, atRoot: boolean[]): (path: number) => number {
  const root = nodes.length;
  const dominator: number[] = [];
  const depth: number[] = [];
  const top: number[] = [];
  depth[root] = 0;
  const meet = (a: number, b: number): number => {
    while (a !== b) {
      if ((depth[a] as number) < (depth[b] as number)) [a, b] = [b, a];
      a = dominator[a] as number;
    }
    return a;
  };
  for (let i = root - 1; i >= 0; i--) {
    const above = atRoot[i] === true ? [] : (users[i] as number[]);
    const parent = above.length === 0 ? root : above.reduce(meet);
    dominator[i] = parent;
    depth[i] = (depth[parent] as number) + 1;
    top[i] = parent === root ? i : (top[parent] as number);
  }
  return (path) => top[path] as number;
}

/** Nixery counts references in all of nixpkgs; this file has the direct reverse dependencies in all of Debian. */
export function readPopularity(file: string): Record<string, number> {
  return z.record(z.string(), z.number()).parse(JSON.parse(gunzipSync(readFileSync(file)).toString()));
}
