/** Looks at every entry of a layer's tar stream as it passes by: is it sane, what does it add, what is its nar hash. */
import { NarHash, type NarEntry } from "../layer/nar.ts";
import { plainName, TarReader, type TakeContent, type TarEntry } from "../layer/read-tar.ts";
import type { Findings } from "./findings.ts";
import { shown, type FileTree } from "../image/file-tree.ts";

export interface LayerFacts {
  /** Store paths the layer holds. */
  storePaths: Set<string>;
  /** By store path, where asked for: the SHA-256 of the archive that Nix would make of it, in hexadecimal, and its bytes. */
  nars: Map<string, { hash: string; size: number }>;
  /** Store paths of which that cannot be told as they pass by: the tar has hard links, or another order than Nix. */
  unhashed: Set<string>;
}

export interface InspectOptions {
  tree: FileTree;
  /** Of the layer, from the deepest. */
  index: number;
  /** The layer in words. */
  what: string;
  storeDir: string;
  /** Whether nar hashes are wanted. */
  deep: boolean;
  /** Whether this project wrote the layer: then it is written in one way. */
  isOwn: boolean;
}

/** Files that are looked into, by name, and the most bytes: who the users are, and Nix's database; links may lead to them. */
const KEPT = new Map([
  ["passwd", 1 << 20],
  ["group", 1 << 20],
  ["db.sqlite", 1 << 28],
  ["db.sqlite-wal", 1 << 28],
  ["schema", 16],
]);
const NAR_KINDS = new Map<string, NarEntry["kind"]>([
  ["0", "file"],
  ["7", "file"],
  ["2", "symlink"],
  ["5", "directory"],
]);

/** Letters of a name that a message shows. */
const LONGEST = 300;
/** Limit of a path's bytes: PATH_MAX of Linux. */
const LONGEST_PATH = 4096;

export class LayerInspector {
  readonly #findings: Findings;
  readonly #tree: FileTree;
  readonly #index: number;
  readonly #what: string;
  /** Parts of the store's folder. */
  readonly #store: string[];
  readonly #wantsNars: boolean;
  readonly #reader: TarReader;
  readonly #isOwn: boolean;
  readonly facts: LayerFacts = { storePaths: new Set(), nars: new Map(), unhashed: new Set() };
  /** The store path that is passing by, and the last entry of it. */
  #nar: { path: string; hash: NarHash; last: string[] | undefined } | undefined;

  constructor(findings: Findings, { tree, index, what, storeDir, deep, isOwn }: InspectOptions) {
    this.#findings = findings;
    this.#tree = tree;
    this.#index = index;
    this.#what = what;
    this.#store = storeDir.split("/").slice(1);
    this.#wantsNars = deep;
    this.#isOwn = isOwn;
    this.#reader = new TarReader((entry) => this.#entry(entry), { strict: isOwn });
  }

  push(piece: Buffer): void {
    this.#reader.push(piece);
  }

  /** Throws where the stream stops in the middle. */
  end(): LayerFacts {
    this.#reader.end();
    this.#endNar();
    return this.facts;
  }

  #entry(entry: TarEntry): TakeContent {
    const name = plainName(entry.name);
    const parts = name.split("/").filter((part) => part !== "" && part !== ".");
    const isLost = this.#isOwn && this.#tree.isWhiteoutOfNothing(parts);
    const lost = isLost ? "is in no container: to a runtime, such a name takes away another" : undefined;
    const problem = insane(entry, parts) ?? this.#tree.add(this.#index, entry, parts) ?? lost;
    if (problem !== undefined)
      this.#findings.add(`${this.#what}: the entry ${shortened(shown(entry.name))} ${problem}`);

    if (problem !== undefined) return () => {};
    const takers = [this.#inStore(entry, parts), this.#keeper(entry, parts)].filter((take) => take !== undefined);
    return (piece) => takers.forEach((take) => take(piece));
  }

  #inStore(entry: TarEntry, parts: string[]): TakeContent | undefined {
    const depth = this.#store.length;
    const name = parts[depth];
    if (name === undefined || this.#store.some((part, i) => parts[i] !== part)) {
      this.#endNar();
      return undefined;
    }
    const path = `/${parts.slice(0, depth + 1).join("/")}`;
    // A name with a dot in front is Nix's own, such as `.links`.
    if (!name.startsWith(".")) this.facts.storePaths.add(path);
    if (!this.#wantsNars) return undefined;
    if (this.#nar?.path !== path) {
      this.#endNar();
      this.#nar = { path, hash: new NarHash(), last: undefined };
      if (this.facts.nars.has(path)) this.#unhashed(path);
    }
    const { hash, last } = this.#nar;
    const inside = parts.slice(depth + 1);
    this.#nar.last = inside;
    const kind = NAR_KINDS.get(entry.type);
    if (kind === undefined || !isNext(inside, last)) this.#unhashed(path);
    if (kind === undefined) return undefined;
    hash.entry(inside, {
      kind,
      isExecutable: (entry.mode & 0o100) !== 0,
      size: entry.size,
      target: Buffer.from(entry.target, "latin1"),
    });
    return (piece) => hash.content(piece);
  }

  #endNar(): void {
    if (this.#nar === undefined) return;
    const { path, hash } = this.#nar;
    const digest = hash.digest().toString("hex");
    this.#nar = undefined;
    if (this.facts.unhashed.has(path)) this.facts.nars.delete(path);
    else this.facts.nars.set(path, { hash: digest, size: hash.size });
  }

  #unhashed(path: string): void {
    if (this.#isOwn && !this.facts.unhashed.has(path))
      this.#findings.add(`${this.#what}: ${path} is not written as imgc writes it`);
    this.facts.unhashed.add(path);
  }

  #keeper({ size }: TarEntry, parts: string[]): TakeContent | undefined {
    if (size > (KEPT.get(parts.at(-1) ?? "") ?? -1)) return undefined;
    return this.#tree.keep(parts, size);
  }
}

/** Whether an entry of a store path follows another as in Nix's archive: folders before what is in them, names in order. */
function isNext(inside: string[], last: string[] | undefined): boolean {
  if (last === undefined) return inside.length === 0;
  const same = inside.findIndex((part, i) => last[i] !== part);
  return same === inside.length - 1 && (same === last.length || (last[same] as string) < (inside[same] as string));
}

function shortened(name: string): string {
  return name.length > LONGEST ? `${name.slice(0, LONGEST)}…` : name;
}

/** Whether an entry is valid in a container. */
export function isSane(entry: TarEntry, parts: string[]): boolean {
  return insane(entry, parts) === undefined;
}

function insane({ name, type, target }: TarEntry, parts: string[]): string | undefined {
  // The root's entry has no other possible name (tar.ts).
  if (name.startsWith("/") && !(name === "/" && type === "5")) return "has an absolute name";
  if (name.length > LONGEST_PATH || target.length > LONGEST_PATH) return "is longer than a path can be";
  if (parts.includes("..")) return "leads out of the image with `..`";
  if (name.includes("\0")) return "has a NUL in its name";
  return "0125734".includes(type) || type === "6" ? undefined : `has the unknown type ${type}`;
}
