/** Operations on layers that lower the expected cost of the next rebuilds: joining layers, and moving paths. */
import type { ChangeModel } from "./change-model.ts";
import type { Graph } from "./graph.ts";

/** A layer that is not final. */
export interface Group {
  members: number[];
  bytes: number;
  /** The union of the members' closures, as a row of the change model. */
  row: Uint32Array;
  chance: number;
  /** The layer's size if clients have the layer, since a change makes them pull it once; otherwise 0. */
  kept: number;
}

/** Smaller differences of costs, in bytes, count as rounding errors. */
const EPSILON = 1e-6;

export class Layering {
  readonly #graph: Graph;
  readonly #model: ChangeModel;
  /** The number of future rebuilds in the cost. */
  readonly #rebuilds: number;

  constructor(graph: Graph, model: ChangeModel, rebuilds: number) {
    this.#graph = graph;
    this.#model = model;
    this.#rebuilds = rebuilds;
  }

  group(members: number[], isKept: boolean): Group {
    const row = new Uint32Array(this.#model.width);
    let bytes = 0;
    for (const member of members) {
      bytes += this.#graph.sizes[member] as number;
      unite(row, this.#model.row(member));
    }
    return { members: [...members], bytes, row, chance: this.#model.chance(row, row), kept: isKept ? bytes : 0 };
  }

  cost(group: Group): number {
    return this.#rebuilds * group.chance * group.bytes;
  }

  /** The bytes that clients pull: expected at future rebuilds, and now for the layers of `kept` that `groups` changes. */
  total(groups: Group[], kept: number[][]): number {
    const keptBytes = kept.flat().reduce((sum, member) => sum + (this.#graph.sizes[member] as number), 0);
    return groups.reduce((sum, group) => sum + this.cost(group) - group.kept, keptBytes);
  }

  /** The additional cost of joining two groups; Infinity if it is certainly more than `limit`. */
  joining(a: Group, b: Group, limit = Infinity): number {
    // A union changes at least as often as each of its parts.
    const least = a.chance > b.chance ? (a.chance - b.chance) * b.bytes : (b.chance - a.chance) * a.bytes;
    const kept = a.kept + b.kept;
    if (this.#rebuilds * least * (1 - 1e-9) + kept - EPSILON > limit) return Infinity;
    const chance = this.#model.chance(a.row, b.row);
    return this.#rebuilds * (chance * (a.bytes + b.bytes) - a.chance * a.bytes - b.chance * b.bytes) + kept;
  }

  /** Joins the two groups whose union costs least until `budget` are left. `onJoin` gets the additional cost of each union. */
  merge(groups: Group[], budget: number, onJoin: (cost: number) => void = () => {}): Group[] {
    const alive = new Map(groups.entries());
    const nearest = (from: number) => {
      const group = alive.get(from) as Group;
      let best = { to: -1, cost: Infinity };
      for (const [to, other] of alive) {
        if (to === from) continue;
        const cost = this.joining(group, other, best.cost);
        if (cost < best.cost) best = { to, cost };
      }
      return best;
    };
    const best = new Map(alive.size > budget ? groups.map((_, i) => [i, nearest(i)]) : []);
    while (alive.size > budget) {
      let from = -1;
      let least = Infinity;
      for (const [i, { cost }] of best) if (cost < least) [from, least] = [i, cost];
      const { to } = best.get(from) as { to: number };
      onJoin(least);
      const joined = alive.get(from) as Group;
      this.add(joined, alive.get(to) as Group);
      alive.delete(to);
      best.delete(to);
      for (const [i, candidate] of best) {
        if (i === from || candidate.to === from || candidate.to === to) best.set(i, nearest(i));
        else {
          const cost = this.joining(alive.get(i) as Group, joined, candidate.cost);
          if (cost < candidate.cost) best.set(i, { to: from, cost });
        }
      }
    }
    return [...alive.values()];
  }

  /** The group that `other` joins at the least additional cost. */
  cheapest(groups: Group[], other: Group): Group {
    let best = groups[0] as Group;
    let least = Infinity;
    for (const group of groups) {
      const cost = this.joining(other, group, least);
      if (cost < least) [best, least] = [group, cost];
    }
    return best;
  }

  /** Adds the members of `other` to `group`. */
  add(group: Group, other: Group): void {
    group.members.push(...other.members);
    group.bytes += other.bytes;
    unite(group.row, other.row);
    group.chance = this.#model.chance(group.row, group.row);
    group.kept = 0;
  }

  /**
   * Moves single paths between groups that clients do not have if that lowers the cost, trying the `count` largest paths.
   * Returns whether a path moved.
   */
  improve(groups: Group[], count: number): boolean {
    const open = groups.filter(({ kept }) => kept === 0);
    const size = (member: number) => this.#graph.sizes[member] as number;
    const candidates = open
      .flatMap((group) => (group.members.length < 2 ? [] : group.members.map((member) => ({ member, from: group }))))
      .toSorted((a, b) => size(b.member) - size(a.member) || a.member - b.member)
      .slice(0, count);
    const uses = new Map<Group, Uint32Array>();
    let moved = false;
    for (const { member, from } of candidates) {
      if (from.members.length < 2 || open.length < 2) continue;
      const counts = uses.get(from) ?? this.#uses(from);
      uses.set(from, counts);
      const single = this.group([member], false);
      const row = from.row.slice();
      eachBit(single.row, (bit) => {
        if (counts[bit] === 1) row[bit >>> 5] = (row[bit >>> 5] as number) & ~(1 << (bit & 31));
      });
      const rest = { row, bytes: from.bytes - single.bytes, chance: this.#model.chance(row, row) };
      const gain = this.#rebuilds * (from.chance * from.bytes - rest.chance * rest.bytes) - this.cost(single);
      const best = this.cheapest(
        open.filter((group) => group !== from),
        single,
      );
      if (gain - this.joining(single, best) <= this.#rebuilds * EPSILON) continue;
      Object.assign(from, rest, { members: from.members.filter((other) => other !== member) });
      this.add(best, single);
      const countsOfBest = uses.get(best);
      eachBit(single.row, (bit) => {
        counts[bit] = (counts[bit] as number) - 1;
        if (countsOfBest !== undefined) countsOfBest[bit] = (countsOfBest[bit] as number) + 1;
      });
      moved = true;
    }
    return moved;
  }

  /** For each bit of the row, the number of members whose closures have it. */
  #uses({ members, row }: Group): Uint32Array {
    const uses = new Uint32Array(32 * row.length);
    for (const member of members) eachBit(this.#model.row(member), (bit) => (uses[bit] = (uses[bit] as number) + 1));
    return uses;
  }
}

function eachBit(row: Uint32Array, use: (bit: number) => void): void {
  for (let i = 0; i < row.length; i++) {
    for (let left = row[i] as number; left !== 0; left &= left - 1) use(32 * i + 31 - Math.clz32(left & -left));
  }
}

function unite(row: Uint32Array, other: Uint32Array): void {
  for (let i = 0; i < row.length; i++) row[i] = (row[i] as number) | (other[i] as number);
}
