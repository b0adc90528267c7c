/**
 * How likely a layer is to be pulled again at the next rebuild.
 *
 * A path gets a new hash when it changes itself or when anything it refers to does, so a layer is pulled again when
 * something changes in the union of its members' closures: the graph says exactly what changes together. The chance is
 * a share of votes. Every rebuild that the lock has seen votes yes if it changed something in the union, and else for
 * how likely a rebuild of its kind is to do so. Imagined rebuilds stand in for what is not known: some change an
 * application only, and some change each path with a small, a middling and a larger chance.
 *
 * A union is a row of bits, as every closure is: a bit a path, a bit a rebuild, a bit an application. Of very many paths
 * a sample stands for all, so that a row is short and time grows with the closure, not with its square.
 */
import { usersFirst, type Graph } from "./graph.ts";
import { WINDOW, type History } from "./history.ts";
import { nameOf } from "./names.ts";

const APPLICATION_REBUILDS = 3;
const OTHER_REBUILDS = 2;
/** Share of all paths that each of the other kinds changes. */
const CHANGED = [0.005, 0.02, 0.08];
/** How much wider than what it changed a rebuild of the past reaches, when it comes again. */
const REACH = 0.5;

/** Up to so many paths, each has a bit of its own; of more, a sample has. */
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
  readonly #pathWords: number;
  readonly #applicationWord: number;
  /** Tables by the number of bits in a union: the chance that such a rebuild changes something there. */
  readonly #imagined: Float64Array[];
  readonly #kinds: { masks: number[]; hit: Float64Array }[];
  readonly #votes: number;

  constructor(graph: Graph, history: History) {
    const { bitOf, sample, scale } = pathBits(graph);
    this.#pathWords = Math.ceil(sample.length / 32);
    this.#applicationWord = this.#pathWords + HISTORY_WORDS;
    this.width = this.#applicationWord + 1;
    this.closures = new Uint32Array(graph.paths.length * this.width);

    const order = usersFirst(graph);
    for (const node of order.toReversed()) {
      const bit = bitOf[node] as number;
      if (bit >= 0) this.#set(node, bit);
      for (const rebuild of history.changes[node] ?? []) this.#set(node, 32 * this.#pathWords + rebuild);
      this.#addReferences(graph, node, 0);
    }

    const { application, others } = topPaths(graph, order, this.#bringsMost(graph, sample));
    this.application = application;
    for (const node of order.toReversed()) {
      if (application.has(node) || others.has(node)) this.#set(node, 32 * this.#applicationWord);
      this.#addReferences(graph, node, this.#applicationWord);
    }

    const table = (share: number) =>
      Float64Array.from({ length: sample.length + 1 }, (_, n) => 1 - Math.exp(-share * (n * scale)));
    this.#imagined = CHANGED.map(table);
    this.#kinds = kindsOf(history, graph.paths.length).map(({ masks, share }) => ({ masks, hit: table(share) }));
    this.#votes = history.rebuilds + APPLICATION_REBUILDS + OTHER_REBUILDS * CHANGED.length;
  }

  row(node: number): Uint32Array {
    return this.closures.subarray(node * this.width, (node + 1) * this.width);
  }

  #set(node: number, bit: number): void {
    const word = node * this.width + (bit >>> 5);
    this.closures[word] = (this.closures[word] as number) | (1 << (bit & 31));
  }

  #addReferences(graph: Graph, node: number, fromWord: number): void {
    const { width, closures } = this;
    for (const next of graph.references[node] as number[]) {
      for (let i = fromWord; i < width; i++) {
        const at = node * width + i;
        closures[at] = (closures[at] as number) | (closures[next * width + i] as number);
      }
    }
  }

  /** Whether a path's closure has most of all bytes, as far as the sample can tell. */
  #bringsMost(graph: Graph, sample: number[]): (node: number) => boolean {
    const sizes = sample.map((node) => graph.sizes[node] as number);
    const total = sizes.reduce((sum, size) => sum + size, 0);
    return (node) => {
      const row = this.row(node);
      const bytes = sizes.reduce((sum, size, i) => sum + (((row[i >>> 5] as number) >>> (i & 31)) & 1) * size, 0);
      return bytes > APPLICATION_SHARE * total;
    };
  }

  /** The chance that a rebuild changes something in the union of two rows. */
  chance(a: Uint32Array, b: Uint32Array): number {
    const pathWords = this.#pathWords;
    let paths = 0;
    for (let i = 0; i < pathWords; i++) {
      // bitCount, written out: this is where the time goes.
      let n = (a[i] as number) | (b[i] as number);
      n -= (n >>> 1) & 0x55555555;
      n = (n & 0x33333333) + ((n >>> 2) & 0x33333333);
      paths += Math.imul((n + (n >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
    }
    let votes = 0;
    for (let i = pathWords; i < this.#applicationWord; i++) votes += bitCount((a[i] as number) | (b[i] as number));
    if (((a[this.#applicationWord] as number) | (b[this.#applicationWord] as number)) !== 0) {
      votes += APPLICATION_REBUILDS;
    }
    for (const { masks, hit } of this.#kinds) {
      let missed = 0;
      for (let w = 0; w < HISTORY_WORDS; w++) {
        const changed = (a[pathWords + w] as number) | (b[pathWords + w] as number);
        missed += bitCount((masks[w] as number) & ~changed);
      }
      votes += missed * (hit[paths] as number);
    }
    for (const hit of this.#imagined) votes += OTHER_REBUILDS * (hit[paths] as number);
    return votes / this.#votes;
  }
}

export function bitCount(bits: number): number {
  let n = bits - ((bits >>> 1) & 0x55555555);
  n = (n & 0x33333333) + ((n >>> 2) & 0x33333333);
  return (((n + (n >>> 4)) & 0x0f0f0f0f) * 0x01010101) >>> 24;
}

/** A bit for each path, -1 for those that are not in the sample; `scale` paths stand behind each bit. */
function pathBits(graph: Graph): { bitOf: Int32Array; sample: number[]; scale: number } {
  const all = graph.paths.map((_, node) => node);
  const rank = graph.paths.map((path) => scramble(nameOf(path)));
  const sample =
    all.length <= EXACT ? all : all.toSorted((a, b) => (rank[a] as number) - (rank[b] as number)).slice(0, SAMPLE);
  const bitOf = new Int32Array(all.length).fill(-1);
  sample.forEach((node, i) => (bitOf[node] = i));
  return { bitOf, sample, scale: all.length / Math.max(1, sample.length) };
}

/** Spreads names evenly, the same on every machine (FNV-1a). */
function scramble(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

/** From the roots down, what only such paths refer to while it brings most of the closure; and the other roots. */
function topPaths(graph: Graph, order: number[], bringsMost: (node: number) => boolean) {
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

/** Rebuilds of the past by how many packages they changed; those that change nearly always say nothing of a rebuild. */
function kindsOf({ rebuilds, changes }: History, packages: number): { masks: number[]; share: number }[] {
  const changed = new Float64Array(rebuilds);
  for (const at of changes) {
    if (2 * at.length >= rebuilds) continue;
    for (const rebuild of at) changed[rebuild] = (changed[rebuild] as number) + 1 - (2 * at.length) / rebuilds;
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
    return { masks, share: (REACH * mean) / packages };
  });
}
