/**
 * rpm-ostree: names keep their layer, and new names go into the last layer. At the first build, large outliers have a layer
 * each, small outliers share a layer, and the others are grouped by frequency of change and size.
 */
import * as z from "zod/mini";
import type { Planner } from "./replay.ts";
import { mean, median, medianDeviation, standardDeviation } from "./statistics.ts";
import type { TracePath } from "./trace.ts";

/** The names of each layer; the last layer is for new names. */
const Packed = z.array(z.array(z.string()));

export const rpmOstree: Planner = ({ closure, maxLayers, previous }) => {
  const paths = new Map(closure.map(({ name, path }) => [name, path]));
  const packed = previous === null ? pack(closure, Math.max(4, maxLayers)) : Packed.parse(previous.state);
  const known = new Set(packed.flat());
  const layers = packed.map((layer) => layer.filter((name) => paths.has(name)));
  layers.at(-1)?.push(...[...paths.keys()].filter((name) => !known.has(name)));
  return {
    layers: layers.filter((layer) => layer.length > 0).map((layer) => layer.map((name) => paths.get(name) as string)),
    state: layers,
  };
};

function pack(closure: TracePath[], budget: number): string[][] {
  const bySize = closure.toSorted((a, b) => b.size - a.size || (a.name < b.name ? -1 : 1));
  const layers = closure.length < budget ? bySize.map((node) => [node]) : split(bySize, budget);
  return [...layers, []].map((layer) => layer.map(({ name }) => name));
}

function split(bySize: TracePath[], budget: number): TracePath[][] {
  const unknown = bySize.filter(({ changes }) => changes === undefined);
  const nodes = bySize.filter(({ changes }) => changes !== undefined);
  const always = unknown.length > 0 ? [unknown] : [];
  // Reserve three layers: for small outliers, for new names, and for names without data.
  const left = budget - 2 - always.length;
  const mostLarge = Math.floor(0.6 * left);
  const { low, high } = outliers(
    nodes.map(({ size }) => size),
    median,
    medianDeviation,
  );
  const large = nodes.filter(({ size }) => size >= high);
  const small = nodes.filter(({ size }) => size < high && size <= low);
  const medium = [...large.slice(mostLarge), ...nodes.filter(({ size }) => size > low && size < high)];
  const perLayer = Math.max(1, Math.floor((nodes.length - mostLarge - small.length) / (left - mostLarge)));
  const layers = [
    ...large.slice(0, mostLarge).map((node) => [node]),
    ...(small.length > 0 ? [small] : []),
    ...buckets(medium).flatMap((bucket) => chunks(bucket, perLayer)),
  ];
  return [...fold(layers, 1 + mostLarge, budget - 1 - always.length), ...always];
}

/** Groups by frequency of change and size; the most frequent changes come first. */
function buckets(nodes: TracePath[]): TracePath[][] {
  const changes = outliers(nodes.map(changesOf), mean, standardDeviation);
  const sizes = outliers(
    nodes.map(({ size }) => size),
    mean,
    standardDeviation,
  );
  const kind = (value: number, { low, high }: Bounds) => (value >= high ? "high" : value <= low ? "low" : "middle");
  const groups = Map.groupBy(
    nodes.toSorted((a, b) => changesOf(a) - changesOf(b)),
    (node) => `${kind(changesOf(node), changes)} ${kind(node.size, sizes)}`,
  );
  return ["high", "middle", "low"].flatMap((often) =>
    ["high", "low", "middle"].flatMap((size) => {
      const bucket = groups.get(`${often} ${size}`);
      return bucket === undefined ? [] : [bucket];
    }),
  );
}

/**
 * Joins pairs of neighbours, beginning at the end. A pass joins each layer at most once, and puts a joined pair behind the
 * layer that followed it.
 */
function fold(layers: TracePath[][], start: number, most: number): TracePath[][] {
  const folded = [...layers];
  while (folded.length > most) {
    const before = folded.length;
    for (let i = lastOf(start, before - 1); i >= start && folded.length > most; i -= 2) {
      const pair = folded.splice(i - 1, 2).flat();
      folded.splice(i, 0, pair);
    }
    if (folded.length === before) folded.push(folded.splice(-2).flat());
  }
  return folded;
}

/** The last number of start, start + 2, … below `end`. */
function lastOf(start: number, end: number): number {
  return start + 2 * Math.floor((end - 1 - start) / 2);
}

interface Bounds {
  low: number;
  high: number;
}

function outliers(values: number[], center: (of: number[]) => number, spread: (of: number[]) => number): Bounds {
  const [middle, distance] = [center(values), 2 * spread(values)];
  return { low: 0.5 * Math.abs(middle - distance), high: middle + distance };
}

function changesOf({ changes }: TracePath): number {
  return changes ?? 0;
}

function chunks<T>(list: T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(list.length / size) }, (_, i) => list.slice(i * size, (i + 1) * size));
}
