/**
 * Groups paths that change together into units, and weighs units by how often they change.
 *
 * Paths of one version usually come from one source (outputs of a package, parts of a desktop), and change together. Short
 * versions can be equal by chance, and an application's version is on everything in its repository, so neither groups paths.
 * Large packages change more often than small ones: 10 MB about five times as often as 20 kB.
 */
import type { Graph } from "./graph.ts";
import { splitName } from "../store/store-path.ts";

/** The weights of units, by class: how often a unit changes, compared with others. A unit of MIDDLE bytes has the weight 16. */
export const WEIGHTS = [4, 6, 8, 11, 16, 23, 32, 45, 64];
/** The weight of a unit grows with this power of its size. Without a lock all units weigh the same, for stable plans. */
const EXPONENT = 0.25;
/** The size in bytes of a unit with the middle weight. */
const MIDDLE = 2 ** 18;

/** Versions with fewer characters may be equal by chance: `1.0`, not `2.40-66`. */
const MIN_VERSION = 5;

/** The units. Every path is in exactly one unit. */
export function unitsOf(graph: Graph, application: Set<number>): number[][] {
  const versions = graph.paths.map((path) => splitName(path).version);
  const applications = new Set([...application].map((node) => versions[node]));
  const units = new Map<string, number[]>();
  versions.forEach((version, node) => {
    const key = version.length < MIN_VERSION || applications.has(version) ? `/${node}` : version;
    const unit = units.get(key);
    if (unit === undefined) units.set(key, [node]);
    else unit.push(node);
  });
  return [...units.values()];
}

/** The index of a unit's weight in WEIGHTS. The weights of adjacent classes differ by a factor of √2. */
export function weightClass(graph: Graph, unit: number[], isLocked: boolean): number {
  const bytes = unit.reduce((most, node) => Math.max(most, graph.sizes[node] as number), 1);
  const middle = (WEIGHTS.length - 1) / 2;
  const steps = Math.round(2 * (isLocked ? EXPONENT : 0) * Math.log2(bytes / MIDDLE) + middle);
  return Math.max(0, Math.min(WEIGHTS.length - 1, steps));
}
