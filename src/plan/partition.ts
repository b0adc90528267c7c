/** Layers in the making: paths can be placed and moved, and the cost of either is known without looking at all others. */
import type { Graph } from "./graph.ts";
import type { Chance } from "./merge.ts";

interface Part {
  members: Set<number>;
  bytes: number;
  /** For every path, how many members' closures it is in. */
  uses: Uint32Array;
  /** Paths in the union of the closures, and how many of them belong to the application. */
  reach: number;
  application: number;
  cost: number;
}

export class Partition {
  readonly #graph: Graph;
  readonly #closure: (member: number) => number[];
  readonly #application: Set<number>;
  readonly #chance: Chance;
  readonly #parts: Part[];

  constructor(
    graph: Graph,
    groups: number[][],
    closure: (member: number) => number[],
    application: Set<number>,
    chance: Chance,
  ) {
    this.#graph = graph;
    this.#closure = closure;
    this.#application = application;
    this.#chance = chance;
    this.#parts = groups.map((members) => {
      const uses = new Uint32Array(graph.paths.length);
      const part: Part = { members: new Set(), bytes: 0, uses, reach: 0, application: 0, cost: 0 };
      for (const member of members) this.#add(part, member, closure(member));
      return part;
    });
  }

  groups(): number[][] {
    return this.#parts.map(({ members }) => [...members].toSorted((a, b) => a - b));
  }

  /** Puts a path where it costs least. */
  place(member: number): void {
    const closure = this.#closure(member);
    const { part } = this.#cheapest(member, closure, this.#parts);
    this.#add(part as Part, member, closure);
  }

  /** Tries the `count` largest paths that are not alone elsewhere; says whether one moved. */
  improve(count: number): boolean {
    const home = new Map<number, Part>();
    for (const part of this.#parts) if (part.members.size > 1) for (const m of part.members) home.set(m, part);
    const size = (member: number) => this.#graph.sizes[member] as number;
    const candidates = [...home.keys()].toSorted((a, b) => size(b) - size(a) || a - b).slice(0, count);
    let moved = false;
    for (const member of candidates) {
      const from = home.get(member) as Part;
      if (from.members.size < 2) continue;
      const closure = this.#closure(member);
      const before = from.cost;
      this.#remove(from, member, closure);
      const others = this.#parts.filter((part) => part !== from);
      const { part, cost } = this.#cheapest(member, closure, others);
      const gain = before - from.cost - cost;
      const target = part !== undefined && gain > 1e-6 ? part : from;
      if (target !== from) moved = true;
      this.#add(target, member, closure);
    }
    return moved;
  }

  #cheapest(member: number, closure: number[], parts: Part[]): { part: Part | undefined; cost: number } {
    const bytes = this.#graph.sizes[member] as number;
    const application = closure.filter((node) => this.#application.has(node));
    let best: { part: Part | undefined; cost: number } = { part: undefined, cost: Infinity };
    for (const part of parts) {
      let reach = part.reach;
      for (const node of closure) if (part.uses[node] === 0) reach++;
      const withApplication = part.application > 0 || application.length > 0;
      const cost = this.#chance(reach, withApplication) * (part.bytes + bytes) - part.cost;
      if (cost < best.cost) best = { part, cost };
    }
    return best;
  }

  #add(part: Part, member: number, closure: number[]): void {
    part.members.add(member);
    part.bytes += this.#graph.sizes[member] as number;
    this.#count(part, closure, 1, 0);
  }

  #remove(part: Part, member: number, closure: number[]): void {
    part.members.delete(member);
    part.bytes -= this.#graph.sizes[member] as number;
    this.#count(part, closure, -1, 1);
  }

  /** Adds `by` to the uses of a closure; paths whose count was `edge` enter or leave the union. */
  #count(part: Part, closure: number[], by: 1 | -1, edge: 0 | 1): void {
    for (const node of closure) {
      const uses = part.uses[node] as number;
      part.uses[node] = uses + by;
      if (uses !== edge) continue;
      part.reach += by;
      if (this.#application.has(node)) part.application += by;
    }
    part.cost = this.#chance(part.reach, part.application > 0) * part.bytes;
  }
}
