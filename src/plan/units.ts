/**
 * What changes at once, and how readily.
 *
 * Paths of one version are mostly made of one source (outputs of a package, parts of a desktop), and change together.
 * Short versions meet by chance, and an application's own says nothing: all of its repository has it. Large packages change
 * more often than small ones, tenfold from 20 kB to 10 MB.
 */
import type { Graph } from "./graph.ts";
import { splitName } from "../store/store-path.ts";

/** By class: how often a unit changes, in quarters of what one of MIDDLE bytes does. */
export const WEIGHTS = [4, 6, 8, 11, 16, 23, 32, 45, 64];
/** How changes grow with size, where a lock keeps layers. Without one all units weigh the same, so that plans turn on less. */
const EXPONENT = 0.25;
const MIDDLE = 2 ** 18;

/** Letters of a version that paths have in common for a reason: `2.40-66`, not `1.0`. */
const TELLING = 5;

/** Every path is in one unit. */
export function unitsOf(graph: Graph, application: Set<number>): number[][] {
  const versions = graph.paths.map((path) => splitName(path).version);
  const applications = new Set([...application].map((node) => versions[node]));
  const units = new Map<string, number[]>();
  versions.forEach((version, node) => {
    const key = version.length < TELLING || applications.has(version) ? `/${node}` : version;
    const unit = units.get(key);
    if (unit === undefined) units.set(key, [node]);
    else unit.push(node);
  });
  return [...units.values()];
}

/** An index of WEIGHTS: each step is the square root of two. */
export function weightClass(graph: Graph, unit: number[], isLocked: boolean): number {
  const bytes = unit.reduce((most, node) => Math.max(most, graph.sizes[node] as number), 1);
  const middle = (WEIGHTS.length - 1) / 2;
  const steps = Math.round(2 * (isLocked ? EXPONENT : 0) * Math.log2(bytes / MIDDLE) + middle);
  return Math.max(0, Math.min(WEIGHTS.length - 1, steps));
}
