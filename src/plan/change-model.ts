/**
 * How likely a layer is to be pulled again at the next rebuild.
 *
 * A path gets a new hash when it changes itself or when anything it refers to does, so a layer is pulled again when
 * something changes in the union of its members' closures: the graph says exactly what changes together. The chance is
 * a share of votes. Every rebuild that the lock has seen votes, mostly for yes if it changed something in the union, and
 * for the rest for how likely a rebuild of its kind is to do so. Imagined rebuilds stand in for what is not known: some
 * change an application only, and some change a share of everything, from a few packages to a whole release.
 *
 * A union is a row of bits, as every closure is: a bit a unit of what changes at once (`units.ts`), a bit a rebuild, a
 * bit an application. Of very many a sample stands for all, so that a row is short and time grows with the closure, not
 * with its square.
 */
import { usersFirst, type Graph } from "./graph.ts";
import { WINDOW, type History } from "./history.ts";
import { unitsOf, weightClass, WEIGHTS } from "./units.ts";
import { nameOf } from "../store/store-path.ts";

/** Imagined rebuilds that change an application only. */
const APPLICATION_REBUILDS = 1;
/**
 * The others: how many of a kind, and the share of all units that it changes. The last are new releases, fewer for every
 * rebuild that the lock has seen: what is rebuilt often meets few, and what it has met votes itself.
 */
const otherRebuilds = (seen: number) => [
  { votes: 1, share: 0.01 },
  { votes: 1, share: 0.04 },
  { votes: 1, share: 0.15 },
  { votes: Math.max(0, 3 - seen / 4), share: 0.5 },
];
/** How far a rebuild that comes again changes what it changed before; for the rest it is one of its kind. */
const ALIKE = 0.7;

/** Up to so many, each has a bit of its own; of more, a sample has. */
const EXACT = 4096;
const SAMPLE = 1024;
/** Below the roots, a path is the application's where its closure has more than this share of all bytes. */
const APPLICATION_SHARE = 1 / 2;
const HISTORY_WORDS = Math.ceil(WINDOW / 32);

export class ChangeModel {
  /** Words in a row. */
  readonly width: number;
  /** A row a path: its closure. */
  readonly closures: Uint32Array;
  /** What is the reason for most of the closure, and nothing but such paths refers to it. */
  readonly application: Set<number>;
  /** By class of weight, the word after its units' bits; they come first in a row, the lightest in front. */
  readonly #ends: number[];
  readonly #unitWords: number;
  readonly #applicationWord: number;
  /** Tables by the weight of a union: the chance that such a rebuild changes something there. */
  readonly #imagined: { votes: number; hit: Float64Array }[];
  readonly #kinds: { masks: number[]; hit: Float64Array }[];
  readonly #votes: number;

  constructor(graph: Graph, history: History) {
    const order = usersFirst(graph);
    const { application, others } = topPaths(graph, order);
    this.application = application;

    const units = unitsOf(graph, application);
    const heaviness = (unit: number[]) => weightClass(graph, unit, history.rebuilds > 0);
    const sample = sampleOf(graph, units);
    const bits: number[][] = [];
    this.#ends = WEIGHTS.map((_, weight) => {
      bits.push(...sample.filter((unit) => heaviness(unit) === weight));
      while (bits.length % 32 !== 0) bits.push([]);
      return bits.length / 32;
    });
    this.#unitWords = bits.length / 32;
    this.#applicationWord = this.#unitWords + HISTORY_WORDS;
    this.width = this.#applicationWord + 1;
    const rebuilds = Array.from({ length: 32 * HISTORY_WORDS }, (): number[] => []);
    history.changes.forEach((changed, node) => changed.forEach((rebuild) => rebuilds[rebuild]?.push(node)));
    this.closures = closureRows(graph, order, [...bits, ...rebuilds, [...application, ...others]]);

    const weigh = (some: number[][]) => some.reduce((sum, unit) => sum + (WEIGHTS[heaviness(unit)] as number), 0);
    const [all, sampled] = [weigh(units), weigh(sample)];
    // A share of all units, and a unit as likely as it weighs.
    const scale = (units.length / Math.max(1, sample.length)) * (units.length / all);
    const table = (share: number) =>
      Float64Array.from({ length: sampled + 1 }, (_, weight) => 1 - Math.exp(-share * scale * weight));
    this.#imagined = otherRebuilds(history.rebuilds).map(({ votes, share }) => ({ votes, hit: table(share) }));
    this.#kinds = kindsOf(history, units).map(({ masks, share }) => ({ masks, hit: table(share) }));
    this.#votes = this.#imagined.reduce((sum, { votes }) => sum + votes, history.rebuilds + APPLICATION_REBUILDS);
  }

  row(node: number): Uint32Array {
    return this.closures.subarray(node * this.width, (node + 1) * this.width);
  }

  /** The chance that a rebuild changes something in the union of two rows. */
  chance(a: Uint32Array, b: Uint32Array): number {
    let weight = 0;
    let word = 0;
    for (let heavy = 0; heavy < WEIGHTS.length; heavy++) {
      const end = this.#ends[heavy] as number;
      let units = 0;
      for (; word < end; word++) {
        // bitCount, written out: this is where the time goes.
        let n = (a[word] as number) | (b[word] as number);
        n -= (n >>> 1) & 0x55555555;
        n = (n & 0x33333333) + ((n >>> 2) & 0x33333333);
        units += Math.imul((n + (n >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
      }
      weight += units * (WEIGHTS[heavy] as number);
    }
    const unitWords = this.#unitWords;
    let votes = 0;
    for (let i = unitWords; i < this.#applicationWord; i++) votes += bitCount((a[i] as number) | (b[i] as number));
    if (((a[this.#applicationWord] as number) | (b[this.#applicationWord] as number)) !== 0) {
      votes += APPLICATION_REBUILDS;
    }
    for (const { masks, hit } of this.#kinds) {
      let again = 0;
      let missed = 0;
      for (let w = 0; w < HISTORY_WORDS; w++) {
        const changed = (a[unitWords + w] as number) | (b[unitWords + w] as number);
        again += bitCount((masks[w] as number) & changed);
        missed += bitCount((masks[w] as number) & ~changed);
      }
      votes += missed * (hit[weight] as number) - again * (1 - ALIKE) * (1 - (hit[weight] as number));
    }
    for (const { votes: each, hit } of this.#imagined) votes += each * (hit[weight] as number);
    return votes / this.#votes;
  }
}

function bitCount(bits: number): number {
  let n = bits - ((bits >>> 1) & 0x55555555);
  n = (n & 0x33333333) + ((n >>> 2) & 0x33333333);
  return (((n + (n >>> 4)) & 0x0f0f0f0f) * 0x01010101) >>> 24;
}

/** A row a path, of a bit for each set of paths: whether its closure has any of them. */
function closureRows(graph: Graph, order: number[], sets: number[][]): Uint32Array {
  const width = Math.ceil(sets.length / 32);
  const rows = new Uint32Array(graph.paths.length * width);
  sets.forEach((members, bit) => {
    for (const node of members) {
      const word = node * width + (bit >>> 5);
      rows[word] = (rows[word] as number) | (1 << (bit & 31));
    }
  });
  for (const node of order.toReversed()) {
    for (const next of graph.references[node] as number[]) {
      for (let i = 0; i < width; i++) {
        const at = node * width + i;
        rows[at] = (rows[at] as number) | (rows[next * width + i] as number);
      }
    }
  }
  return rows;
}

/** All, or of very many some: by names, so that a new version does not change which. */
function sampleOf(graph: Graph, units: number[][]): number[][] {
  if (units.length <= EXACT) return units;
  const ranked = units.map((unit) => ({ unit, rank: scramble(nameOf(graph.paths[unit[0] as number] as string)) }));
  return ranked
    .toSorted((a, b) => a.rank - b.rank)
    .slice(0, SAMPLE)
    .map(({ unit }) => unit);
}

/** Spreads names evenly, the same on every machine (FNV-1a). */
function scramble(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

/** From the roots down, what only such paths refer to while it brings most of the closure; and the other roots. */
function topPaths(graph: Graph, order: number[]) {
  const sample = sampleOf(
    graph,
    graph.paths.map((_, node) => [node]),
  );
  const rows = closureRows(graph, order, sample);
  const width = Math.ceil(sample.length / 32);
  const sizes = sample.map(([node]) => graph.sizes[node as number] as number);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const bringsMost = (node: number) => {
    const bit = (i: number) => ((rows[node * width + (i >>> 5)] as number) >>> (i & 31)) & 1;
    return sizes.reduce((sum, size, i) => sum + bit(i) * size, 0) > APPLICATION_SHARE * total;
  };

  const used = new Set<number>();
  const shared = new Set<number>();
  const application = new Set<number>();
  const others = new Set<number>();
  for (const node of order) {
    const isRoot = !used.has(node);
    const isOwn = !shared.has(node) && bringsMost(node);
    if (isOwn) application.add(node);
    else if (isRoot) others.add(node);
    for (const next of graph.references[node] as number[]) {
      used.add(next);
      if (!isOwn && !isRoot) shared.add(next);
    }
  }
  return { application, others };
}

/** Rebuilds of the past by how many units they changed; those that change nearly always say nothing of a rebuild. */
function kindsOf({ rebuilds, changes }: History, units: number[][]): { masks: number[]; share: number }[] {
  const changed = new Float64Array(rebuilds);
  for (const unit of units) {
    const at = new Set(unit.flatMap((node) => changes[node] ?? []));
    if (2 * at.size >= rebuilds) continue;
    for (const rebuild of at) changed[rebuild] = (changed[rebuild] as number) + 1 - (2 * at.size) / rebuilds;
  }
  const kinds = new Map<number, number[]>();
  changed.forEach((count, rebuild) => {
    if (count === 0) return;
    const kind = Math.round(2 * Math.log2(count + 1));
    kinds.set(kind, [...(kinds.get(kind) ?? []), rebuild]);
  });
  return [...kinds.values()].map((members) => {
    const masks = Array.from({ length: HISTORY_WORDS }, () => 0);
    for (const rebuild of members) masks[rebuild >>> 5] = (masks[rebuild >>> 5] as number) | (1 << (rebuild & 31));
    const mean = members.reduce((sum, rebuild) => sum + (changed[rebuild] as number), 0) / members.length;
    return { masks, share: mean / units.length };
  });
}
