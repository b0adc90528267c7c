/** Layers in the making: joined, added to and taken from so that the expected cost of the next rebuilds falls. */
import type { ChangeModel } from "./change-model.ts";
import type { Graph } from "./graph.ts";

/** A layer in the making. */
export interface Group {
  members: number[];
  bytes: number;
  /** The union of the members' closures, a row of the change model. */
  row: Uint32Array;
  chance: number;
  isApplication: boolean;
  /** What clients pull once if the layer does not stay as it is: its bytes if they have it, else 0. */
  kept: number;
}

/** Larger than any cost: an application shares a layer with something else only where nothing else is left. */
const MIXED = 1e18;

export class Layering {
  readonly #graph: Graph;
  readonly #model: ChangeModel;
  /** Rebuilds ahead that are counted against what is pulled once now. */
  readonly #rebuilds: number;

  constructor(graph: Graph, model: ChangeModel, rebuilds: number) {
    this.#graph = graph;
    this.#model = model;
    this.#rebuilds = rebuilds;
  }

  group(members: number[], isKept: boolean): Group {
    const { width, closures } = this.#model;
    const row = new Uint32Array(width);
    let bytes = 0;
    for (const member of members) {
      bytes += this.#graph.sizes[member] as number;
      const start = member * width;
      for (let i = 0; i < width; i++) row[i] = (row[i] as number) | (closures[start + i] as number);
    }
    const isApplication = members.some((member) => this.#model.isApplication(member));
    const chance = this.#chanceOf(row);
    return { members, bytes, row, chance, isApplication, kept: isKept ? bytes : 0 };
  }

  cost(group: Group): number {
    return this.#rebuilds * group.chance * group.bytes;
  }

  /** What joining two costs, over leaving them apart. */
  joining(a: Group, b: Group): number {
    const chance = this.#model.chance(a.row, b.row);
    const more = chance * (a.bytes + b.bytes) - a.chance * a.bytes - b.chance * b.bytes;
    return this.#rebuilds * more + a.kept + b.kept + (a.isApplication === b.isApplication ? 0 : MIXED);
  }

  #chanceOf(row: Uint32Array): number {
    return this.#model.chance(row, row);
  }

  /** Joins the two groups whose union costs least until `budget` are left. */
  merge(groups: Group[], budget: number): Group[] {
    const alive = new Map(groups.entries());
    const nearest = (from: number) => {
      const group = alive.get(from) as Group;
      let best = { to: -1, cost: Infinity };
      for (const [to, other] of alive) {
        if (to === from) continue;
        const cost = this.joining(group, other);
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
      const joined = alive.get(from) as Group;
      this.add(joined, alive.get(to) as Group);
      alive.delete(to);
      best.delete(to);
      for (const [i, candidate] of best) {
        if (i === from || candidate.to === from || candidate.to === to) best.set(i, nearest(i));
        else {
          const cost = this.joining(alive.get(i) as Group, joined);
          if (cost < candidate.cost) best.set(i, { to: from, cost });
        }
      }
    }
    return [...alive.values()];
  }

  /** Where a group is joined at the least cost. */
  cheapest(groups: Group[], other: Group): Group {
    let best = groups[0] as Group;
    let least = Infinity;
    for (const group of groups) {
      const cost = this.joining(group, other);
      if (cost < least) [best, least] = [group, cost];
    }
    return best;
  }

  /** Changes `group`. */
  add(group: Group, other: Group): void {
    group.members.push(...other.members);
    group.bytes += other.bytes;
    other.row.forEach((word, i) => (group.row[i] = (group.row[i] as number) | word));
    group.chance = this.#chanceOf(group.row);
    group.isApplication ||= other.isApplication;
    group.kept = 0;
  }

  /** Moves single paths, the largest `count`, out of layers that clients lack to others of them, while that saves. */
  improve(groups: Group[], count: number): boolean {
    const open = groups.filter(({ kept }) => kept === 0);
    const size = (member: number) => this.#graph.sizes[member] as number;
    const home = new Map(open.flatMap((group) => group.members.map((member) => [member, group])));
    const candidates = [...home.keys()].toSorted((a, b) => size(b) - size(a) || a - b).slice(0, count);
    let moved = false;
    for (const member of candidates) {
      const from = home.get(member) as Group;
      if (from.members.length < 2 || open.length < 2) continue;
      const rest = this.group(
        from.members.filter((other) => other !== member),
        false,
      );
      const single = this.group([member], false);
      const gain = this.cost(from) - this.cost(rest) - this.cost(single);
      const best = this.cheapest(
        open.filter((group) => group !== from),
        single,
      );
      if (this.joining(best, single) >= gain - 1e-9 * Math.abs(gain)) continue;
      Object.assign(from, rest);
      this.add(best, single);
      home.set(member, best);
      moved = true;
    }
    return moved;
  }
}
