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
/** A path is an application where it reaches this share of what the image's largest root does. */
const APPLICATION_REACH = 1 / 2;
/** Applications that are told apart: a bit each. */
const APPLICATIONS = 32;
const HISTORY_WORDS = Math.ceil(WINDOW / 32);

/** Past rebuilds that changed about as many packages. */
interface Kind {
  masks: number[];
  /** By the number of bits in a union: the chance that such a rebuild changes something there. */
  hit: Float64Array;
}

export class ChangeModel {
  /** Words in a row. */
  readonly width: number;
  /** A row a path: its closure. */
  readonly closures: Uint32Array;
  readonly #pathWords: number;
  readonly #applicationWord: number;
  readonly #applicationShare: Float64Array;
  readonly #applications: Set<number>;
  readonly #imagined: Float64Array;
  readonly #kinds: Kind[];
  readonly #votes: number;

  constructor(graph: Graph, history: History) {
    const { bitOf, bits, scale } = pathBits(graph);
    this.#pathWords = Math.ceil(bits / 32);
    this.#applicationWord = this.#pathWords + HISTORY_WORDS;
    this.width = this.#applicationWord + 1;
    this.closures = new Uint32Array(graph.paths.length * this.width);

    const order = usersFirst(graph);
    for (const node of order.toReversed()) {
      const row = node * this.width;
      const bit = bitOf[node] as number;
      if (bit >= 0) this.#set(row, bit);
      for (const rebuild of history.changes[node] ?? []) this.#set(row + this.#pathWords, rebuild);
      for (const next of graph.references[node] as number[]) {
        const other = next * this.width;
        for (let i = 0; i < this.#applicationWord; i++) {
          this.closures[row + i] = (this.closures[row + i] as number) | (this.closures[other + i] as number);
        }
      }
    }

    const reach = (node: number) => {
      const row = node * this.width;
      return this.closures.subarray(row, row + this.#pathWords).reduce((sum, word) => sum + bitCount(word), 0);
    };
    const own = applicationPaths(graph, order, reach);
    this.#applicationShare = Float64Array.from(own, ({ weight }) => weight);
    own.forEach(({ node }, i) => (this.closures[node * this.width + this.#applicationWord] = 1 << i));
    const most = own.reduce((max, { node }) => Math.max(max, reach(node)), 0);
    this.#applications = new Set(own.flatMap(({ node }) => (reach(node) >= APPLICATION_REACH * most ? [node] : [])));
    for (const node of order.toReversed()) {
      const at = node * this.width + this.#applicationWord;
      for (const next of graph.references[node] as number[]) {
        this.closures[at] =
          (this.closures[at] as number) | (this.closures[next * this.width + this.#applicationWord] as number);
      }
    }

    const table = (share: number) =>
      Float64Array.from({ length: bits + 1 }, (_, n) => 1 - Math.exp(-share * n * scale));
    this.#imagined = new Float64Array(bits + 1);
    for (const share of CHANGED) {
      const hit = table(share);
      this.#imagined.forEach((sum, n) => (this.#imagined[n] = sum + OTHER_REBUILDS * (hit[n] as number)));
    }
    this.#kinds = kindsOf(history, graph.paths.length).map(({ masks, share }) => ({ masks, hit: table(share) }));
    this.#votes = history.rebuilds + APPLICATION_REBUILDS + OTHER_REBUILDS * CHANGED.length;
  }

  #set(row: number, bit: number): void {
    const word = row + (bit >>> 5);
    this.closures[word] = (this.closures[word] as number) | (1 << (bit & 31));
  }

  /** Whether a path is an application: one that is the reason for most of the closure. */
  isApplication(node: number): boolean {
    return this.#applications.has(node);
  }

  /** The chance that a rebuild changes something in the union of two rows. */
  chance(a: Uint32Array, b: Uint32Array): number {
    let paths = 0;
    for (let i = 0; i < this.#pathWords; i++) paths += bitCount((a[i] as number) | (b[i] as number));
    let votes = this.#imagined[paths] as number;
    for (let w = 0; w < HISTORY_WORDS; w++) {
      const at = this.#pathWords + w;
      const changed = (a[at] as number) | (b[at] as number);
      votes += bitCount(changed);
      for (const { masks, hit } of this.#kinds) {
        votes += bitCount((masks[w] as number) & ~changed) * (hit[paths] as number);
      }
    }
    const at = this.#applicationWord;
    let applications = (a[at] as number) | (b[at] as number);
    let share = 0;
    for (let i = 0; applications !== 0; i++, applications >>>= 1) {
      if ((applications & 1) !== 0) share += this.#applicationShare[i] as number;
    }
    votes += APPLICATION_REBUILDS * Math.min(1, share);
    return votes / this.#votes;
  }
}

export function bitCount(bits: number): number {
  let n = bits - ((bits >>> 1) & 0x55555555);
  n = (n & 0x33333333) + ((n >>> 2) & 0x33333333);
  return (((n + (n >>> 4)) & 0x0f0f0f0f) * 0x01010101) >>> 24;
}

/** A bit for each path, -1 for those that are not in the sample; `scale` paths stand behind each bit. */
function pathBits(graph: Graph): { bitOf: Int32Array; bits: number; scale: number } {
  const all = graph.paths.map((_, node) => node);
  const rank = graph.paths.map((path) => scramble(nameOf(path)));
  const sample =
    all.length <= EXACT ? all : all.toSorted((a, b) => (rank[a] as number) - (rank[b] as number)).slice(0, SAMPLE);
  const bitOf = new Int32Array(all.length).fill(-1);
  sample.forEach((node, i) => (bitOf[node] = i));
  return { bitOf, bits: sample.length, scale: all.length / Math.max(1, sample.length) };
}

/** Spreads names evenly, the same on every machine (FNV-1a). */
function scramble(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

interface ApplicationPath {
  node: number;
  /** The chance that a rebuild which changes an application only changes this path. */
  weight: number;
}

/**
 * Each root, and half as likely with each step down what only such paths refer to. The larger a root's closure, the
 * likelier it is what people work at.
 */
function applicationPaths(graph: Graph, order: number[], reach: (node: number) => number): ApplicationPath[] {
  const hasUsers = new Uint8Array(graph.paths.length);
  for (const references of graph.references) for (const next of references) hasUsers[next] = 1;
  const roots = order.filter((node) => hasUsers[node] === 0);
  const most = Math.max(...roots.map(reach));
  const total = roots.reduce((sum, root) => sum + reach(root) ** 2, 0);
  const weights = new Map(roots.map((root) => [root, reach(root) ** 2 / total]));
  const shared = new Set<number>();
  for (const node of order) {
    const isOwn =
      !shared.has(node) && weights.has(node) && (hasUsers[node] === 0 || reach(node) >= APPLICATION_REACH * most);
    const weight = isOwn ? (weights.get(node) ?? 0) : 0;
    if (!isOwn) weights.delete(node);
    for (const next of graph.references[node] as number[]) {
      if (!isOwn) shared.add(next);
      else weights.set(next, Math.max(weights.get(next) ?? 0, weight / 2));
    }
  }
  return [...weights]
    .map(([node, weight]) => ({ node, weight }))
    .toSorted((x, y) => y.weight - x.weight)
    .slice(0, APPLICATIONS);
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
