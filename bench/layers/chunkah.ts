/**
 * chunkah: large outliers have a layer each. The other paths are sorted into three tiers by stability; within a tier, a
 * hash of the name chooses the layer. chunkah keeps no state between builds.
 */
import { numbered, pathsOf } from "./numbered.ts";
import type { Planner } from "./replay.ts";
import { mean, median, medianDeviation, standardDeviation } from "./statistics.ts";

/** The largest share of layers for large outliers. */
const MOST_LARGE = 0.8;
/** Changes per year that are assumed for paths without data (one a week). */
const WEEKLY = 52;

interface Item {
  number: number;
  name: string;
  size: number;
  /** The probability of no change within a week. */
  stability: number;
}

export const chunkah: Planner = ({ closure, maxLayers }) => {
  const graph = numbered(closure);
  const items = graph.nodes.map(({ name, size, changes = WEEKLY }, number): Item => ({
    number,
    name,
    size,
    stability: changes === 0 ? 0.99 : Math.exp((-7 * changes) / 365),
  }));
  return {
    layers: pathsOf(
      graph,
      pack(items, maxLayers).map((layer) => layer.map((item) => item.number)),
    ),
  };
};

function pack(items: Item[], budget: number): Item[][] {
  if (items.length <= budget) return items.map((item) => [item]);
  const sizes = items.map(({ size }) => size);
  const middle = median(sizes);
  const deviation = medianDeviation(sizes);
  const limit = middle + 1.5 * (deviation < 0.01 * middle ? middle : deviation);
  const large = items
    .filter(({ size }) => size >= limit)
    .toSorted((a, b) => b.size - a.size || (a.name < b.name ? -1 : 1));
  const small = items.filter(({ size }) => size < limit);
  const mostLarge = Math.floor(MOST_LARGE * (budget - (small.length > 0 ? 1 : 0)));
  const rest = [...small, ...large.slice(mostLarge)];
  const alone = large.slice(0, mostLarge).map((item) => [item]);
  const left = budget - alone.length;
  return [...alone, ...(rest.length <= left ? rest.map((item) => [item]) : byTier(rest, left))];
}

/** Gives each tier layers in proportion to its items, but at least one. */
function byTier(items: Item[], budget: number): Item[][] {
  const tiers = tiersOf(items);
  if (budget < tiers.length) return byHash(items, budget);
  let left = budget;
  return tiers.flatMap((tier, i) => {
    const after = tiers.length - i - 1;
    const share = Math.max(1, Math.round((tier.length / items.length) * budget));
    const count = after === 0 ? left : Math.min(share, left - after);
    left -= count;
    return byHash(tier, count);
  });
}

/** Three tiers, the most stable first. */
function tiersOf(items: Item[]): Item[][] {
  const stabilities = items.map(({ stability }) => stability);
  const [center, spread] = [mean(stabilities), standardDeviation(stabilities)];
  const tierOf = ({ stability }: Item): number =>
    stability >= center + spread ? 0 : stability > center - spread ? 1 : 2;
  const tiers = Map.groupBy(items, tierOf);
  return [0, 1, 2].flatMap((tier) => {
    const members = tiers.get(tier);
    return members === undefined ? [] : [members];
  });
}

/**
 * Assigns items to `count` layers by the hash of the name. Then each empty layer takes the largest item that is not alone in
 * its layer.
 */
function byHash(items: Item[], count: number): Item[][] {
  const layers: Item[][] = Array.from({ length: count }, () => []);
  for (const item of items) layers[Number(fnv1a(item.name) % BigInt(count))]?.push(item);
  for (const empty of layers.filter((layer) => layer.length === 0).toReversed()) {
    const [largest] = layers
      .filter((layer) => layer.length > 1)
      .flatMap((layer) => layer.map((item) => ({ layer, item })))
      .toSorted((a, b) => b.item.size - a.item.size || b.item.number - a.item.number);
    if (largest === undefined) break;
    largest.layer.splice(largest.layer.indexOf(largest.item), 1);
    empty.push(largest.item);
  }
  return layers.filter((layer) => layer.length > 0);
}

/** FNV-1a with 64 bits, of a string as Rust hashes it: its bytes and 0xff. */
function fnv1a(text: string): bigint {
  let hash = 0xcbf29ce484222325n;
  for (const byte of [...Buffer.from(text), 0xff]) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  }
  return hash;
}
