/** Checks every entry of a layer's tar stream, adds the entries to the file tree, and computes the NAR hashes of store paths. */
import { NarHash, type NarEntry } from "../layer/nar.ts";
import { plainName, TarReader, type TakeContent, type TarEntry } from "../layer/read-tar.ts";
import type { Findings } from "./findings.ts";
import { displayName, type FileTree } from "../image/file-tree.ts";

export interface LayerFacts {
  /** The store paths in the layer. */
  storePaths: Set<string>;
  /** By store path, with `deep`: the hash of its NAR, in hexadecimal, and the size of its NAR in bytes. */
  nars: Map<string, { hash: string; size: number }>;
  /** Store paths whose NAR hash cannot be computed from the stream: it has hard links, or another order than a NAR. */
  unhashed: Set<string>;
}

export interface InspectOptions {
  tree: FileTree;
  /** The layer's index, 0 for the deepest layer. */
  index: number;
  /** The layer's name in findings. */
  label: string;
  storeDir: string;
  /** Whether to compute NAR hashes. */
  deep: boolean;
  /** Whether imgc made the layer, so that its form is checked strictly. */
  isOwn: boolean;
}

/** The names of files whose contents are checked, with limits in bytes; in any folder, since links may lead to the files. */
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

/** Limit in characters of a name in a message. */
const MAX_SHOWN = 300;
/** Limit in bytes of a path: PATH_MAX of Linux. */
const MAX_PATH = 4096;

export class LayerInspector {
  readonly #findings: Findings;
  readonly #tree: FileTree;
  readonly #index: number;
  readonly #label: string;
  /** The parts of the store's path. */
  readonly #store: string[];
  readonly #wantsNars: boolean;
  readonly #reader: TarReader;
  readonly #isOwn: boolean;
  readonly facts: LayerFacts = { storePaths: new Set(), nars: new Map(), unhashed: new Set() };
  /** The current store path, and its last entry. */
  #nar: { path: string; hash: NarHash; last: string[] | undefined } | undefined;

  constructor(findings: Findings, { tree, index, label, storeDir, deep, isOwn }: InspectOptions) {
    this.#findings = findings;
    this.#tree = tree;
    this.#index = index;
    this.#label = label;
    this.#store = storeDir.split("/").slice(1);
    this.#wantsNars = deep;
    this.#isOwn = isOwn;
    this.#reader = new TarReader((entry) => this.#entry(entry), { strict: isOwn });
  }

  push(piece: Buffer): void {
    this.#reader.push(piece);
  }

  /** Throws if the stream is incomplete. */
  end(): LayerFacts {
    this.#reader.end();
    this.#endNar();
    return this.facts;
  }

  #entry(entry: TarEntry): TakeContent {
    const name = plainName(entry.name);
    const parts = name.split("/").filter((part) => part !== "" && part !== ".");
    const isLost = this.#isOwn && this.#tree.isWhiteoutOfNothing(parts);
    const lost = isLost ? "has the name of a whiteout, so it is in no container" : undefined;
    const problem = insane(entry, parts) ?? this.#tree.add(this.#index, entry, parts) ?? lost;
    if (problem !== undefined)
      this.#findings.add(`${this.#label}: the entry ${shortened(displayName(entry.name))} ${problem}`);

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
    // Names that start with a dot, such as `.links`, are not store paths.
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
      this.#findings.add(`${this.#label}: the entries of ${path} are not in imgc's form and order`);
    this.facts.unhashed.add(path);
  }

  #keeper({ size }: TarEntry, parts: string[]): TakeContent | undefined {
    if (size > (KEPT.get(parts.at(-1) ?? "") ?? -1)) return undefined;
    return this.#tree.keep(parts, size);
  }
}

/** Whether an entry may follow another one in a NAR: folders before their content, names in order. */
function isNext(inside: string[], last: string[] | undefined): boolean {
  if (last === undefined) return inside.length === 0;
  const same = inside.findIndex((part, i) => last[i] !== part);
  return same === inside.length - 1 && (same === last.length || (last[same] as string) < (inside[same] as string));
}

function shortened(name: string): string {
  return name.length > MAX_SHOWN ? `${name.slice(0, MAX_SHOWN)}…` : name;
}

/** Whether an entry is valid in a container. */
export function isSane(entry: TarEntry, parts: string[]): boolean {
  return insane(entry, parts) === undefined;
}

function insane({ name, type, target }: TarEntry, parts: string[]): string | undefined {
  // The root's entry is named `/` (tar.ts).
  if (name.startsWith("/") && !(name === "/" && type === "5")) return "has an absolute name";
  if (name.length > MAX_PATH || target.length > MAX_PATH) return `has a path of more than ${MAX_PATH} bytes`;
  if (parts.includes("..")) return "leads out of the image with `..`";
  if (name.includes("\0")) return "has a NUL in its name";
  return "0125734".includes(type) || type === "6" ? undefined : `has the unknown type ${type}`;
}
