/**
 * Not a planner, but a reference: each name keeps one layer, chosen with knowledge of the whole trace. Names that change at the
 * same builds start as a group; then the two groups whose union costs least are joined, until the limit of layers holds.
 */
import type { Planner } from "./replay.ts";
import type { Snapshot } from "./trace.ts";

/**
 * The largest groups, this many or twice the limit of layers, take part in the pairwise search. Afterwards each smaller group
 * joins the group where it costs least.
 */
const LARGE = 300;

interface Group {
  names: string[];
  size: number;
  /** The builds that change any of its names, one bit each. */
  changes: bigint;
}

export function hindsight(builds: Snapshot[]): Planner {
  const tables = new Map<number, Map<string, number>>();
  return ({ closure, maxLayers }) => {
    const table = tables.get(maxLayers) ?? tableOf(merge(changeTogether(builds), maxLayers));
    tables.set(maxLayers, table);
    const layers = Map.groupBy(closure, ({ name }) => table.get(name));
    return { layers: [...layers.values()].map((nodes) => nodes.map(({ path }) => path)) };
  };
}

function tableOf(groups: Group[]): Map<string, number> {
  return new Map(groups.flatMap(({ names }, layer) => names.map((name) => [name, layer])));
}

/** Groups of names that were added, removed or changed at the same builds; groups with the latest changes come last. */
function changeTogether(snapshots: Snapshot[]): Group[] {
  const byName = snapshots.map(({ closure }) => new Map(closure.map((node) => [node.name, node])));
  const names = [...new Set(byName.flatMap((nodes) => [...nodes.keys()]))].toSorted();
  const changesOf = (name: string) =>
    byName.reduce((changes, build, at) => {
      const isChanged = at > 0 && build.get(name)?.path !== byName[at - 1]?.get(name)?.path;
      return isChanged ? changes | (1n << BigInt(at)) : changes;
    }, 0n);
  return [...Map.groupBy(names, changesOf)]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([changes, members]) => ({
      names: members,
      size: members.reduce((sum, name) => sum + Math.max(...byName.map((build) => build.get(name)?.size ?? 0)), 0),
      changes,
    }));
}

function merge(all: Group[], budget: number): Group[] {
  const bySize = all.toSorted((a, b) => b.size - a.size);
  const most = Math.max(LARGE, 2 * budget);
  const groups = bySize.length > most ? bySize.slice(0, most) : [...all];
  const small = bySize.slice(groups.length);
  const cheapest = (i: number) =>
    groups.reduce(
      (best, other, at) => {
        const cost = at === i ? Infinity : costOf(groups[i] as Group, other);
        return cost < best.cost ? { at, cost } : best;
      },
      { at: -1, cost: Infinity },
    );
  let nearest = groups.length > budget ? groups.map((_, i) => cheapest(i)) : [];
  while (groups.length > budget) {
    const i = nearest.reduce((least, { cost }, at) => (cost < (nearest[least]?.cost ?? 0) ? at : least), 0);
    const j = nearest[i]?.at ?? 0;
    groups[i] = union(groups[i] as Group, groups[j] as Group);
    groups.splice(j, 1);
    const joined = i > j ? i - 1 : i;
    nearest = nearest
      .filter((_, at) => at !== j)
      .map((known, at) => {
        if (at === joined || known.at === i || known.at === j) return cheapest(at);
        const cost = costOf(groups[at] as Group, groups[joined] as Group);
        return cost < known.cost ? { at: joined, cost } : { ...known, at: known.at > j ? known.at - 1 : known.at };
      });
  }
  for (const group of small) {
    const best = groups.reduce((least, other) => (costOf(other, group) < costOf(least, group) ? other : least));
    groups[groups.indexOf(best)] = union(best, group);
  }
  return groups;
}

/** Additional bytes pulled if the two groups share a layer. */
function costOf(a: Group, b: Group): number {
  return count(a.changes | b.changes) * (a.size + b.size) - count(a.changes) * a.size - count(b.changes) * b.size;
}

function union(a: Group, b: Group): Group {
  return { names: [...a.names, ...b.names], size: a.size + b.size, changes: a.changes | b.changes };
}

const counts = new Map<bigint, number>();

function count(bits: bigint): number {
  const known = counts.get(bits) ?? bits.toString(2).replaceAll("0", "").length;
  counts.set(bits, known);
  return known;
}
