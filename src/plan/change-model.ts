/**
 * Estimates the chance that clients pull a layer again at the next rebuild (docs/layers.md).
 *
 * A path gets a new hash if it changes or if a path to which it refers does. So a layer changes if a path in the union of its
 * members' closures changes. The chance is the weighted mean of the following values over rebuilds. Let p(s) be the chance that
 * a rebuild which changes the share s of all units changes the union: 1 − exp(−s × weight of the union's units).
 *
 * - Each rebuild in the lock: ALIKE + (1 − ALIKE) × p(s) if it changed the union, otherwise p(s). Here s is the mean share of
 *   recorded rebuilds of about the same size.
 * - An imagined rebuild of the application alone: 1 if the union has a path of the application or another root,
 *   otherwise 0.
 * - Imagined rebuilds that change a share s of all units, up to a whole release: p(s).
 *
 * Closures and unions are rows of bits: one for each unit of paths that change together (units.ts), one for each recorded
 * rebuild, and one for the application. If there are very many units, only a sample has bits, so that rows are short, and time
 * grows with the closure, not with its square.
 */
import { usersFirst, type Graph } from "./graph.ts";
import { WINDOW, type History } from "./history.ts";
import { unitsOf, weightClass, WEIGHTS } from "./units.ts";
import { nameOf } from "../store/store-path.ts";

/** The weight of the imagined rebuild that changes only the application. */
const APPLICATION_REBUILDS = 1;
/**
 * The other imagined rebuilds: their weights, and the share of all units that they change. The last one is a new release of the
 * package set. Its weight falls with each recorded rebuild: frequent rebuilds are seldom releases, and the releases among
 * them are in the records.
 */
const otherRebuilds = (seen: number) => [
  { votes: 1, share: 0.01 },
  { votes: 1, share: 0.04 },
  { votes: 1, share: 0.15 },
  { votes: Math.max(0, 3 - seen / 4), share: 0.5 },
];
/** A union that a recorded rebuild changed is assumed to change again with at least this chance. */
const ALIKE = 0.7;

/** Up to this number of units, each has a bit; of more units, a sample has bits. */
const EXACT = 4096;
/** The number of units in a sample. */
const SAMPLE = 1024;
/** A path may belong to the application if its closure has more than this share of all bytes. */
const APPLICATION_SHARE = 1 / 2;
const HISTORY_WORDS = Math.ceil(WINDOW / 32);

export class ChangeModel {
  /** Words in a row. */
  readonly width: number;
  /** For each path, the row of its closure. */
  readonly closures: Uint32Array;
  /** Application paths: each pulls in most of the closure, and only such paths and roots refer to it. */
  readonly application: Set<number>;
  /**
   * For each weight class, the index of the first word after the bits of its units. Each row begins with the bits of all
   * units, from the lightest class to the heaviest.
   */
  readonly #ends: number[];
  readonly #unitWords: number;
  readonly #applicationWord: number;
  /** Tables of p(s) by the weight of a union. */
  readonly #imagined: { votes: number; hit: Float64Array }[];
  readonly #kinds: { masks: number[]; hit: Float64Array }[];
  readonly #votes: number;

  /** `tops`: the paths that a rebuild of the application alone changes; by default, found in the graph. */
  constructor(graph: Graph, history: History, tops = topPaths(graph)) {
    const order = usersFirst(graph);
    const { application, others } = tops;
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
    // The mean weight of all units becomes 1, also if only a sample has bits.
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

  /** Whether the closure of a path has a path of the application, or another root. */
  changesWithApplication(node: number): boolean {
    return this.row(node)[this.#applicationWord] !== 0;
  }

  /** The chance that the next rebuild changes a path in the union of two rows. */
  chance(a: Uint32Array, b: Uint32Array): number {
    let weight = 0;
    let word = 0;
    for (let heavy = 0; heavy < WEIGHTS.length; heavy++) {
      const end = this.#ends[heavy] as number;
      let units = 0;
      for (; word < end; word++) {
        // bitCount inlined, since planning spends most of its time here.
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

/** For each path, a row with a bit for each set of paths: whether the path's closure contains a member of the set. */
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

/** All units, or a sample if there are very many. Names select the sample, so that new versions do not change it. */
function sampleOf(graph: Graph, units: number[][]): number[][] {
  if (units.length <= EXACT) return units;
  const ranked = units.map((unit) => ({ unit, rank: scramble(nameOf(graph.paths[unit[0] as number] as string)) }));
  return ranked
    .toSorted((a, b) => a.rank - b.rank)
    .slice(0, SAMPLE)
    .map(({ unit }) => unit);
}

/** A hash of a name (FNV-1a), the same on every machine. */
export function scramble(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

export interface TopPaths {
  /** The application's paths, which pull in most of the closure. */
  application: Set<number>;
  /** The roots that are not among them. */
  others: Set<number>;
}

export function topPaths(graph: Graph): TopPaths {
  const order = usersFirst(graph);
  const sample = sampleOf(
    graph,
    graph.paths.map((_, node) => [node]),
  );
  const rows = closureRows(graph, order, sample);
  const width = Math.ceil(sample.length / 32);
  const sizes = sample.map(([node]) => graph.sizes[node as number] as number);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const pullsInMost = (node: number) => {
    const bit = (i: number) => ((rows[node * width + (i >>> 5)] as number) >>> (i & 31)) & 1;
    return sizes.reduce((sum, size, i) => sum + bit(i) * size, 0) > APPLICATION_SHARE * total;
  };

  const used = new Set<number>();
  const shared = new Set<number>();
  const application = new Set<number>();
  const others = new Set<number>();
  for (const node of order) {
    const isRoot = !used.has(node);
    const isOwn = !shared.has(node) && pullsInMost(node);
    if (isOwn) application.add(node);
    else if (isRoot) others.add(node);
    for (const next of graph.references[node] as number[]) {
      used.add(next);
      if (!isOwn && !isRoot) shared.add(next);
    }
  }
  return { application, others };
}

/**
 * Groups recorded rebuilds by the number of units that they changed. A unit counts less the more often it changes, and not at
 * all if it changes in at least half of the rebuilds.
 */
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
