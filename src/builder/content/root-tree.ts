/**
 * The files of an image outside the store as a tree. The base, packages and `files` are put into the tree one after the other:
 * folders merge, also through links, and the later of two files replaces the other.
 */
import { RootEntry, type PreservedAttributes } from "../../layer/recipe.ts";
import type { Located } from "../build-error.ts";
import { byPath } from "../recipes.ts";

/** If two files have the same path, the file with the higher rank stays. */
export const RANK = { base: 0, package: 1, provided: 2, file: 3 } as const;

/** The setting, package or base from which a node comes. */
export interface Origin {
  rank: (typeof RANK)[keyof typeof RANK];
  /** The number of parts in the path of a `files` entry: the more specific of two entries wins. */
  depth: number;
  /** The origin's place in the spec. */
  at: Located["at"];
  /** The origin's name in messages: "the base", "the package hello-2.12". */
  name: string;
  /** Whether a rule changed a file of the base, so that the layer contains the file again. */
  isRewrite?: boolean;
}

export const BASE: Origin = { rank: RANK.base, depth: 0, at: [], name: "the base" };
/** The origin of files of a foreign base that its content file leaves out (base/contents.ts). */
export const BASE_FILE: Origin = { ...BASE };

type WithoutPath<E> = E extends unknown ? Omit<E, "path"> : never;
/** An entry of the image without its path. Removed paths have no node. */
export type Item = WithoutPath<Exclude<RootEntry, { kind: "remove" }>>;
type Kind<K extends RootEntry["kind"]> = Extract<Item, { kind: K }>;

export interface Folder {
  kind: "folder";
  mode: number;
  uid: number;
  gid: number;
  kept?: PreservedAttributes | undefined;
  /** Whether the spec sets these attributes; otherwise an existing folder keeps its own. */
  explicit: { mode: boolean; owner: boolean };
  children: Map<string, Node>;
  origin: Origin;
}

export interface Leaf {
  kind: "leaf";
  item: Exclude<Item, Kind<"directory">>;
  origin: Origin;
  /** Packages with different files at this path: an error unless another node replaces this one. */
  collision?: Collision;
}

export interface Collision {
  at: Located["at"];
  packages: string[];
}

/** A copied folder or a package's folder: a single entry unless another file is put into it. */
export interface Sealed {
  kind: "sealed";
  item: Kind<"copy"> | Kind<"link">;
  origin: Origin;
  open: () => Folder;
}

export type Node = Folder | Leaf | Sealed;

/** Linux follows at most 40 links. */
const MAX_LINKS = 40;

interface Spot {
  parent: Folder;
  name: string;
  path: string;
}

export class RootTree {
  readonly root: Folder = plainFolder(BASE);
  readonly problems: Located[] = [];
  readonly storeDir: string;

  constructor(storeDir: string) {
    this.storeDir = storeDir;
  }

  /** Puts a node at an absolute path. A folder at "/" is merged with the root. */
  put(path: string, node: Node): void {
    if (partsOf(path).length === 0) this.#intoRoot(path, node);
    else this.#put(path, node, 0);
  }

  /** The node at a path, with all links followed; undefined if no node is known there. */
  find(path: string): Node | undefined {
    const spot = this.#walk(partsOf(path), { last: true });
    if (spot === undefined || "problem" in spot) return undefined;
    return spot.name === "" ? this.root : this.child(spot.parent, spot.name);
  }

  /** The path after following the links among its folders, but not a link at its end. */
  follow(path: string): string {
    const spot = this.#walk(partsOf(path), {});
    return spot === undefined || "problem" in spot ? path : spot.path;
  }

  /** The node at a path, with the links of its folders followed, but not a link at its end. */
  at(path: string): Node | undefined {
    const spot = this.#walk(partsOf(path), {});
    return spot === undefined || "problem" in spot ? undefined : this.child(spot.parent, spot.name);
  }

  /** Removes a file or folder, with the links of its folders followed. Returns whether there was one. */
  remove(path: string): boolean {
    if (this.at(path) === undefined) return false;
    // If a folder above is sealed, opens it, so that its other files stay.
    const spot = this.#walk(partsOf(path), { origin: BASE });
    return spot !== undefined && !("problem" in spot) && spot.parent.children.delete(spot.name);
  }

  /** A folder's child. `opened`: open a sealed child first. */
  child(folder: Folder, name: string, opened = false): Node | undefined {
    const node = folder.children.get(name);
    if (!opened || node?.kind !== "sealed") return node;
    const open = node.open();
    folder.children.set(name, open);
    return open;
  }

  /** All nodes with their paths, folders before their children, names in byte order. */
  *walk(node: Node = this.root, path = ""): Generator<{ path: string; node: Node }> {
    yield { path: path === "" ? "/" : path, node };
    if (node.kind !== "folder") return;
    for (const [name, child] of node.children) yield* this.walk(child, `${path}/${name}`);
  }

  /** All entries with their origins, sorted by path; and the collisions of packages. */
  entries(): { placed: { entry: RootEntry; origin: Origin }[]; collisions: (Collision & { path: string })[] } {
    const origins = new Map<string, Origin>();
    const collisions: (Collision & { path: string })[] = [];
    const entries: RootEntry[] = [];
    for (const { path, node } of this.walk()) {
      origins.set(path, node.origin);
      if (node.kind === "folder") {
        const { mode, uid, gid, kept } = node;
        entries.push({ kind: "directory", path, mode, uid, gid, ...(kept === undefined ? {} : { kept }) });
      } else {
        if (node.kind === "leaf" && node.collision !== undefined) collisions.push({ ...node.collision, path });
        // Parsing puts the fields into the schema's order, so that equal entries are equal texts.
        entries.push(RootEntry.parse({ ...node.item, path }));
      }
    }
    const placed = byPath(entries).map((entry) => ({ entry, origin: origins.get(entry.path) as Origin }));
    return { placed, collisions };
  }

  #intoRoot(path: string, node: Node): void {
    if (node.kind === "leaf") {
      this.problems.push({ at: node.origin.at, message: `${path} is the image's root, which must be a folder` });
      return;
    }
    this.#mergeFolders(this.root, node.kind === "sealed" ? node.open() : node, "");
  }

  #put(path: string, node: Node, links: number): void {
    const spot = this.#walk(partsOf(path), { origin: node.origin });
    if (spot === undefined) return;
    if ("problem" in spot) this.problems.push({ at: node.origin.at, message: spot.problem });
    else if (spot.name === "") this.#intoRoot(path, node);
    else this.#merge(spot, node, links);
  }

  #merge({ parent, name, path }: Spot, node: Node, links = 0): void {
    const existing = parent.children.get(name);
    if (existing === undefined) parent.children.set(name, node);
    else if (node.kind === "leaf") this.#replace({ parent, name, path }, existing, node);
    else if (existing.kind !== "leaf") {
      const target = this.child(parent, name, true) as Folder;
      this.#mergeFolders(target, node.kind === "sealed" ? node.open() : node, path);
    } else if (this.#leadsToFolder(existing, path) && links < MAX_LINKS) {
      this.#put(targetOf(existing, path), node, links + 1);
    } else this.#replace({ parent, name, path }, existing, node);
  }

  #mergeFolders(target: Folder, source: Folder, path: string): void {
    const isChanged =
      (source.explicit.mode && source.mode !== target.mode) ||
      (source.explicit.owner && (source.uid !== target.uid || source.gid !== target.gid));
    if (isChanged) target.origin = source.origin;
    if (source.explicit.mode) target.mode = source.mode;
    if (source.explicit.owner) [target.uid, target.gid] = [source.uid, source.gid];
    for (const [name, node] of source.children) this.#merge({ parent: target, name, path: `${path}/${name}` }, node);
  }

  #replace({ parent, name, path }: Spot, existing: Node, node: Node): void {
    const { origin } = node;
    // Two entries of the base are no conflict: the later one wins.
    if (origin.rank === RANK.base) parent.children.set(name, node);
    else if (existing.kind !== "leaf") {
      const hidden = this.#firstIn(this.child(parent, name, true) as Folder, path);
      if (hidden !== undefined) {
        const kind = node.kind === "leaf" && node.item.kind === "link" ? "a link" : "a file";
        const cure =
          hidden.origin.rank === RANK.base
            ? `remove the folder with a second entry \`${JSON.stringify(path)} remove\`, or move this entry to another path`
            : "move one of them to another path";
        const message =
          `${path} is ${kind} of ${origin.name}, which would hide the folder with ${hidden.path} of ` +
          `${hidden.origin.name}: ${cure}`;
        this.problems.push({ at: origin.at, message });
      } else parent.children.set(name, node);
    } else if (isEqual(existing, node)) return;
    else if (isTie(existing.origin, origin)) {
      const message = `${existing.origin.name} has a file at ${path} as well: remove one of the entries`;
      this.problems.push({ at: origin.at, message });
    } else parent.children.set(name, node);
  }

  #firstIn(folder: Folder, path: string): { path: string; origin: Origin } | undefined {
    for (const { path: at, node } of this.walk(folder, path))
      if (node !== folder) return { path: at, origin: node.origin };
    return undefined;
  }

  /** Links into the store are not followed: no file can be put into a store path. */
  #isFollowed({ item }: Leaf): boolean {
    return item.kind === "link" && !`${item.target}/`.startsWith(`${this.storeDir}/`);
  }

  /** Whether a link leads to a folder, or to a path that does not exist yet. */
  #leadsToFolder(leaf: Leaf, path: string): boolean {
    if (!this.#isFollowed(leaf)) return false;
    const spot = this.#walk(partsOf(targetOf(leaf, path)), { last: true });
    if (spot === undefined) return true;
    if ("problem" in spot) return false;
    return spot.name === "" || this.child(spot.parent, spot.name)?.kind !== "leaf";
  }

  /**
   * Resolves a path to its parent folder and name; the root's name is "". With `origin`, makes missing folders; without
   * `origin`, returns undefined if a folder is missing. `last`: also follow a link at the end.
   */
  #walk(
    parts: string[],
    { origin, last = false }: { origin?: Origin; last?: boolean },
  ): Spot | { problem: string } | undefined {
    const left = parts.toReversed();
    let trail: { name: string; folder: Folder }[] = [];
    let links = 0;
    const pathOf = (name: string) => `/${[...trail.map((each) => each.name), name].join("/")}`;
    while (left.length > 0) {
      const name = left.pop() as string;
      if (name === "..") {
        trail.pop();
        continue;
      }
      const parent = trail.at(-1)?.folder ?? this.root;
      const isEnd = left.length === 0;
      // Only `put` and `remove` open sealed folders for good.
      const child = this.child(parent, name, !isEnd && origin !== undefined);
      const node = child?.kind === "sealed" && !isEnd ? child.open() : child;
      if (node?.kind === "leaf" && this.#isFollowed(node) && (!isEnd || last)) {
        if (++links > MAX_LINKS) return { problem: `the links at ${pathOf(name)} form a loop` };
        const { target } = node.item as Kind<"link">;
        if (target.startsWith("/")) trail = [];
        left.push(...partsOf(target).toReversed());
        continue;
      }
      if (isEnd) return { parent, name, path: pathOf(name) };
      if (node === undefined) {
        if (origin === undefined) return undefined;
        const folder = plainFolder(origin);
        parent.children.set(name, folder);
        trail.push({ name, folder });
      } else if (node.kind === "folder") trail.push({ name, folder: node });
      else {
        const kind = node.kind === "leaf" && node.item.kind === "link" ? "a link into the store" : "a file";
        const whole = `/${parts.join("/")}`;
        return {
          problem: `${whole} is below ${pathOf(name)}, which is ${kind} of ${node.origin.name}, not a folder`,
        };
      }
    }
    const end = trail.pop();
    if (end === undefined) return { parent: this.root, name: "", path: "/" };
    return { parent: trail.at(-1)?.folder ?? this.root, name: end.name, path: pathOf(end.name) };
  }
}

export function plainFolder(origin: Origin): Folder {
  const explicit = { mode: false, owner: false };
  return { kind: "folder", mode: 0o755, uid: 0, gid: 0, explicit, children: new Map(), origin };
}

/** Drops empty parts and `.`, but keeps `..`, since the part before may be a link. */
export function partsOf(path: string): string[] {
  return path.split("/").filter((part) => part !== "" && part !== ".");
}

function targetOf({ item }: Leaf, path: string): string {
  const target = item.kind === "link" ? item.target : "";
  return target.startsWith("/") ? target : `${path.slice(0, path.lastIndexOf("/"))}/${target}`;
}

function isEqual(existing: Leaf, node: Node): boolean {
  if (node.kind !== "leaf" || node.collision !== undefined || existing.collision !== undefined) return false;
  return JSON.stringify(existing.item) === JSON.stringify(node.item);
}

function isTie(a: Origin, b: Origin): boolean {
  return a.rank === RANK.file && b.rank === RANK.file && a.depth === b.depth;
}
