/** Joins layers of large paths, cheapest union first, until they are few enough. */
import type { Graph } from "./graph.ts";

interface Group {
  members: number[];
  bytes: number;
  /** The union of the members' closures, a bit a path. */
  reach: Uint32Array;
  withApplication: boolean;
  chance: number;
}

export type Chance = (count: number, withApplication: boolean) => number;

export function mergeLargest(
  graph: Graph,
  large: number[],
  budget: number,
  closure: (member: number) => number[],
  application: Set<number>,
  chance: Chance,
): number[][] {
  const words = Math.ceil(graph.paths.length / 32);
  const groups = new Map<number, Group>(
    large.map((member, i) => {
      const reach = new Uint32Array(words);
      const reached = closure(member);
      for (const node of reached) reach[node >>> 5] = (reach[node >>> 5] as number) | (1 << (node & 31));
      const withApplication = reached.some((node) => application.has(node));
      const bytes = graph.sizes[member] as number;
      return [i, { members: [member], bytes, reach, withApplication, chance: chance(reached.length, withApplication) }];
    }),
  );
  const cost = (a: Group, b: Group) => {
    const joined = chance(unionCount(a.reach, b.reach), a.withApplication || b.withApplication);
    return joined * (a.bytes + b.bytes) - a.chance * a.bytes - b.chance * b.bytes;
  };
  const nearest = (i: number) => {
    const group = groups.get(i) as Group;
    let best = { to: -1, cost: Infinity };
    for (const [j, other] of groups) {
      if (j === i) continue;
      const c = cost(group, other);
      if (c < best.cost) best = { to: j, cost: c };
    }
    return best;
  };

  const best = new Map([...groups.keys()].map((i) => [i, nearest(i)]));
  while (groups.size > budget) {
    let from = -1;
    let least = Infinity;
    for (const [i, candidate] of best) if (candidate.cost < least) [from, least] = [i, candidate.cost];
    const into = (best.get(from) as { to: number }).to;
    const a = groups.get(from) as Group;
    const b = groups.get(into) as Group;
    groups.set(from, join(a, b, chance));
    groups.delete(into);
    best.delete(into);
    for (const [i, candidate] of best) {
      if (i === from || candidate.to === from || candidate.to === into) best.set(i, nearest(i));
      else {
        const c = cost(groups.get(i) as Group, groups.get(from) as Group);
        if (c < candidate.cost) best.set(i, { to: from, cost: c });
      }
    }
  }
  return [...groups.values()].map(({ members }) => members);
}

function join(a: Group, b: Group, chance: Chance): Group {
  const reach = a.reach.map((word, i) => word | (b.reach[i] as number));
  const withApplication = a.withApplication || b.withApplication;
  return {
    members: [...a.members, ...b.members],
    bytes: a.bytes + b.bytes,
    reach,
    withApplication,
    chance: chance(unionCount(reach, reach), withApplication),
  };
}

function unionCount(a: Uint32Array, b: Uint32Array): number {
  let count = 0;
  for (let i = 0; i < a.length; i++) {
    let n = (a[i] as number) | (b[i] as number);
    n -= (n >>> 1) & 0x55555555;
    n = (n & 0x33333333) + ((n >>> 2) & 0x33333333);
    count += (((n + (n >>> 4)) & 0x0f0f0f0f) * 0x01010101) >>> 24;
  }
  return count;
}
