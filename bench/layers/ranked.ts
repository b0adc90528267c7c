/** Planners of other tools that give the first paths of a ranking a layer each; written anew from descriptions. */
import { numbered } from "./numbered.ts";
import type { Planner } from "./replay.ts";
import type { TracePath } from "./trace.ts";

/** One layer for all paths. */
export const oneLayer: Planner = ({ closure }) => ({ layers: [closure.map(({ path }) => path)] });

/** nix2container with `maxLayers`: ranks by the number of reference chains that end in a path. */
export const nix2container: Planner = ({ closure, maxLayers }) => {
  const numbers = new Map<string, number>();
  for (const { path, references } of closure.toSorted((a, b) => (a.path < b.path ? -1 : 1))) {
    for (const each of [path, ...references]) if (!numbers.has(each)) numbers.set(each, numbers.size);
  }
  const chains = new Map(closure.map(({ path }) => [path, 1n]));
  for (const { path, references } of numbered(closure).nodes.toReversed()) {
    for (const next of references) {
      chains.set(next, BigInt.asIntN(64, (chains.get(next) as bigint) + (chains.get(path) as bigint)));
    }
  }
  const ranked = closure.toSorted((a, b) => {
    const [x, y] = [chains.get(a.path) as bigint, chains.get(b.path) as bigint];
    return x === y ? (numbers.get(b.path) as number) - (numbers.get(a.path) as number) : x < y ? 1 : -1;
  });
  return headAndTail(ranked, maxLayers);
};

/**
 * nixpkgs, `popularity_contest` with a limit: ranks by the number of reference chains that start at a path to which no path
 * refers, and that end in the path or in a path that refers to it, directly or indirectly.
 */
export const nixpkgsPopularity: Planner = ({ closure, maxLayers }) => {
  const contests = new Map<string, Map<string, number>>();
  const contest = (children: string[]) => {
    const scores = new Map<string, number>();
    for (const child of children) {
      scores.set(child, (scores.get(child) ?? 0) + 1);
      for (const [path, score] of contests.get(child) ?? []) scores.set(path, (scores.get(path) ?? 0) + score + 1);
    }
    return scores;
  };
  for (const { path, references } of numbered(closure).nodes) contests.set(path, contest(references));
  const used = new Set(closure.flatMap(({ references }) => references));
  const scores = contest(closure.flatMap(({ path }) => (used.has(path) ? [] : [path])));
  const key = (path: string) => path.replace(/^([^-]*)-(.*)$/, "$2-$1");
  const ranked = closure.toSorted(
    (a, b) => (scores.get(b.path) as number) - (scores.get(a.path) as number) || (key(a.path) < key(b.path) ? -1 : 1),
  );
  return headAndTail(ranked, maxLayers);
};

/** apko, without origins, which store paths lack: ranks by size. */
export const apko: Planner = ({ closure, maxLayers }) =>
  headAndTail(
    closure.toSorted((a, b) => b.size - a.size || (a.name < b.name ? -1 : 1)),
    maxLayers,
  );

/** The first paths get a layer each, the rest share the last layer. */
function headAndTail(ranked: TracePath[], most: number): { layers: string[][] } {
  const paths = ranked.map(({ path }) => path);
  if (paths.length <= most) return { layers: paths.map((path) => [path]) };
  return { layers: [...paths.slice(0, most - 1).map((path) => [path]), paths.slice(most - 1)] };
}
