/** Looks at every entry of a layer's tar stream as it passes by: is it sane, what does it add, what is its nar hash. */
import { NarHash } from "../layer/nar.ts";
import { plainName, TarReader, type TakeContent, type TarEntry } from "../layer/read-tar.ts";
import type { Findings } from "./claims.ts";
import { shown, type FileTree } from "./file-tree.ts";

/** What Nix claims of a store path. */
export interface PathClaim {
  narHash: string;
  narSize: number;
}

export interface LayerFacts {
  /** Store paths the layer holds. */
  storePaths: Set<string>;
  /** By store path, where asked for: the SHA-256 of the archive that Nix would make of it, in hexadecimal, and its bytes. */
  nars: Map<string, { hash: string; size: number }>;
}

/** Files that are looked into, by name, and the most bytes: who the users are, and Nix's database; links may lead to them. */
const KEPT = new Map([
  ["passwd", 1 << 20],
  ["group", 1 << 20],
  ["db.sqlite", 1 << 28],
]);
const NAR_KINDS: Record<string, "file" | "directory" | "symlink"> = { "0": "file", "2": "symlink", "5": "directory" };

export class LayerInspector {
  readonly #findings: Findings;
  readonly #tree: FileTree;
  readonly #index: number;
  readonly #what: string;
  /** Parts of the store's folder. */
  readonly #store: string[];
  readonly #wantsNars: boolean;
  readonly #reader: TarReader;
  readonly facts: LayerFacts = { storePaths: new Set(), nars: new Map() };
  #nar: { path: string; hash: NarHash } | undefined;

  constructor(
    findings: Findings,
    {
      tree,
      index,
      what,
      storeDir,
      deep,
    }: { tree: FileTree; index: number; what: string; storeDir: string; deep: boolean },
  ) {
    this.#findings = findings;
    this.#tree = tree;
    this.#index = index;
    this.#what = what;
    this.#store = storeDir.split("/").slice(1);
    this.#wantsNars = deep;
    this.#reader = new TarReader((entry) => this.#entry(entry));
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
    const problem = insane(entry, parts) ?? this.#tree.add(this.#index, entry, parts);
    if (problem !== undefined) this.#findings.add(`${this.#what}: the entry ${shown(entry.name)} ${problem}`);

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
      this.#nar = { path, hash: new NarHash() };
    }
    const { hash } = this.#nar as { hash: NarHash };
    hash.entry(parts.slice(depth + 1), {
      kind: NAR_KINDS[entry.type] ?? "file",
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
    this.facts.nars.set(path, { hash: digest, size: hash.size });
    this.#nar = undefined;
  }

  #keeper({ size }: TarEntry, parts: string[]): TakeContent | undefined {
    if (size > (KEPT.get(parts.at(-1) ?? "") ?? -1)) return undefined;
    let contents = "";
    this.#tree.keep(parts, contents);
    return (piece) => {
      contents += piece.toString("latin1");
      this.#tree.keep(parts, contents);
    };
  }
}

function insane({ name, type }: TarEntry, parts: string[]): string | undefined {
  if (name.startsWith("/")) return "has an absolute name";
  if (parts.includes("..")) return "leads out of the image with `..`";
  if (name.includes("\0")) return "has a NUL in its name";
  return "0125734".includes(type) || type === "6" ? undefined : `has the unknown type ${type}`;
}
