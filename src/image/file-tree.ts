/** The file system of an image's merged layers, as in a container. Names are bytes decoded as Latin-1. */
import type { TakeContent, TarEntry } from "../layer/read-tar.ts";
import type { PreservedAttributes, SpecialFile } from "../layer/recipe.ts";
import { CAPABILITY_RECORD, type Device } from "../layer/tar.ts";
import { isSpecial } from "../layer/tree.ts";
import { OPAQUE, WHITEOUT } from "../layer/whiteout.ts";
import { ImageError } from "../oci/image-error.ts";

export interface Node {
  kind: "file" | "directory" | "symlink" | "other";
  mode: number;
  uid: number;
  gid: number;
  /** The size of a file's contents, in bytes. */
  size: number;
  /** The value of a file's `security.capability` attribute, decoded as Latin-1. */
  capability?: string;
  /** The entry's other attributes, if requested. */
  kept?: PreservedAttributes;
  /** The kind and the numbers of a device. */
  device?: { device: Device; major: number; minor: number };
  /** The digest of a file's contents, if requested. */
  digest?: string;
  /** A link's target. */
  target: string;
  /** The index of the entry's layer; -1 for a folder without an entry. */
  layer: number;
  /** The layer of a file's contents, and their offset in the layer's stream. A hard link has the values of its file. */
  origin: number;
  offset: number;
  /** A folder's children by name; empty for other nodes. */
  children: Map<string, Node>;
  /** The contents, kept for the few files that are checked. */
  contents?: Buffer;
  /** The last layer whose opaque whiteout hid the folder's content from lower layers. */
  cleared?: number;
}

/** The node at a path; or the reason why there is none, the path at which resolving stopped, and the followed links of a loop. */
export type Found = { node: Node; path: string } | { problem: string; at: string; loop?: Node[] };

/** Linux follows at most 40 links. */
const MAX_LINKS = 40;
/** Limit of parts of a resolved path, including those of links. */
const MAX_STEPS = 1000;
/** Limit of nested folders, far above that of real trees. */
const MAX_DEPTH = 256;
/** Limit of entries in all layers. */
const MAX_ENTRIES = 2_000_000;
/** Limit of a time in seconds, far above real times. */
const MAX_TIME = 1e14;
/** Limit of bytes in all kept files. */
const MAX_KEPT = 1 << 28;
/** Shared by all nodes except folders: a map for each node would take most of the memory of a large tree. */
const CHILDLESS: Map<string, Node> = new Map();
const KINDS: Record<string, Node["kind"]> = { "0": "file", "1": "file", "2": "symlink", "5": "directory", "7": "file" };
/** The prefix of pax records with extended attributes that runtimes read. */
const ATTRIBUTE_RECORD = "SCHILY.xattr.";
const DEVICE_TYPES: Record<string, Device> = { "3": "character", "4": "block", "6": "pipe" };

export class FileTree {
  readonly root: Node = folder(-1);
  readonly #keepsAll: boolean;
  #entries = 0;
  #kept = 0;

  /** `keepsAll`: whether to keep the times and extended attributes of all entries. */
  constructor({ keepsAll = false } = {}) {
    this.#keepsAll = keepsAll;
  }

  /** Adds an entry of a layer, the deepest layer first. Returns the entry's problem, if it has one. */
  add(layer: number, entry: TarEntry, parts: string[]): string | undefined {
    const { type, mode, uid, gid, size, target } = entry;
    const last = parts.at(-1);
    if (++this.#entries > MAX_ENTRIES) throw new ImageError(`the image has more than ${MAX_ENTRIES} files`);
    if (last === undefined) {
      if (type === "5") Object.assign(this.root, { mode, uid, gid, layer, ...this.#keptOf(entry) });
      return undefined;
    }
    if (parts.length > MAX_DEPTH) return `is more than ${MAX_DEPTH} folders deep`;
    let parent = this.root;
    for (const part of parts.slice(0, -1)) {
      let next = parent.children.get(part);
      if (next === undefined) parent.children.set(part, (next = folder(-1)));
      if (next.kind !== "directory") return `is below ${part}, which is a ${next.kind}`;
      parent = next;
    }
    if (last === OPAQUE) {
      if (parent.cleared !== layer) clear(parent, layer);
      parent.cleared = layer;
      return undefined;
    }
    if (last.startsWith(WHITEOUT)) {
      parent.children.delete(last.slice(WHITEOUT.length));
      return undefined;
    }
    const before = parent.children.get(last);
    if (before?.layer === layer) return "is in the layer twice";
    this.#kept -= before?.contents?.length ?? 0;
    const kind = KINDS[type] ?? "other";
    if (type === "1") {
      const linked = this.at(target.split("/").filter((part) => part !== "" && part !== "."));
      if (linked === undefined) return `is a hard link to ${target}, which does not exist`;
      if (linked.kind === "directory") return `is a hard link to ${target}, which is a directory`;
      parent.children.set(last, { ...linked, layer });
      return undefined;
    }
    const capability = entry.records.get(CAPABILITY_RECORD);
    const isFolder = kind === "directory";
    const device = DEVICE_TYPES[type];
    const children = !isFolder ? CHILDLESS : before?.kind === "directory" ? before.children : new Map<string, Node>();
    parent.children.set(last, {
      kind,
      mode,
      uid,
      gid,
      size,
      target,
      layer,
      origin: layer,
      offset: entry.offset,
      children,
      ...(capability === undefined ? {} : { capability }),
      ...(device === undefined ? {} : { device: { device, major: entry.major, minor: entry.minor } }),
      ...this.#keptOf(entry),
    });
    return undefined;
  }

  #keptOf({ mtime, records }: TarEntry): { kept?: PreservedAttributes } {
    if (!this.#keepsAll) return {};
    const attributes = [...records]
      .filter(([key]) => key.startsWith(ATTRIBUTE_RECORD))
      .map(([key, value]) => [key, Buffer.from(value, "latin1").toString("base64")]);
    const kept = { mtime: records.get("mtime") ?? String(Math.min(mtime, MAX_TIME)) };
    return { kept: attributes.length === 0 ? kept : { ...kept, records: Object.fromEntries(attributes) } };
  }

  /** Whether an entry has the name of a whiteout, but hides no file. It is probably meant as a file of that name. */
  isWhiteoutOfNothing(parts: string[]): boolean {
    const last = parts.at(-1) ?? "";
    if (!last.startsWith(WHITEOUT) || last === OPAQUE) return false;
    return this.at([...parts.slice(0, -1), last.slice(WHITEOUT.length)]) === undefined;
  }

  /** A function that receives the contents of an added entry; undefined if MAX_KEPT is reached. */
  keep(parts: string[], size: number): TakeContent | undefined {
    const node = this.at(parts);
    // The entry of a hard link has no content, unlike its node.
    if (node?.kind !== "file" || node.size !== size || this.#kept + size > MAX_KEPT) return undefined;
    this.#kept += size;
    const contents = Buffer.alloc(size);
    let filled = 0;
    node.contents = contents;
    return (piece) => {
      filled += piece.copy(contents, filled);
    };
  }

  /** Resolves a path with all its links, also a link at the end; calls `through` for every folder on the way. */
  resolve(path: string, through: (node: Node, path: string) => void = () => {}): Found {
    const left = path.split("/").toReversed();
    let steps = 0;
    let trail: { name: string; node: Node }[] = [];
    const links: Node[] = [];
    const here = (): string => `/${trail.map(({ name }) => name).join("/")}`;
    while (left.length > 0) {
      const part = left.pop() as string;
      if (++steps > MAX_STEPS || left.length > MAX_STEPS) return { problem: "its links have too many parts", at: path };
      if (part === "" || part === ".") continue;
      if (part === "..") {
        trail.pop();
        continue;
      }
      const parent = trail.at(-1)?.node ?? this.root;
      if (parent.kind !== "directory") return { problem: `${here()} is not a folder`, at: here() };
      through(parent, here());
      const node = parent.children.get(part);
      if (node === undefined) {
        const missing = trail.length === 0 ? `/${part}` : `${here()}/${part}`;
        const problem = missing === path ? "it is not in the image" : `${missing} is not in the image`;
        return { problem, at: [missing, ...left.toReversed()].join("/") };
      }
      if (node.kind !== "symlink") {
        trail.push({ name: part, node });
        continue;
      }
      if (links.push(node) > MAX_LINKS) return { problem: "its links form a loop", at: path, loop: links };
      if (node.target.startsWith("/")) trail = [];
      left.push(...node.target.split("/").toReversed());
    }
    return { node: trail.at(-1)?.node ?? this.root, path: here() };
  }

  /** All nodes below a folder, folders before their children. Skips the children of folders that are not `wanted`. */
  *walk(
    wanted: (path: string) => boolean = () => true,
    from: Node = this.root,
  ): Generator<{ path: string; node: Node }> {
    const open = [{ path: "", children: from.children.entries() }];
    for (let top = open.at(-1); top !== undefined; top = open.at(-1)) {
      const { done, value } = top.children.next();
      if (done === true) {
        open.pop();
        continue;
      }
      const [name, node] = value;
      const path = `${top.path}/${name}`;
      yield { path, node };
      if (node.kind === "directory" && wanted(path)) open.push({ path, children: node.children.entries() });
    }
  }

  /** The node at a path, without following links. */
  at(parts: string[]): Node | undefined {
    let node: Node | undefined = this.root;
    for (const part of parts) node = node?.children.get(part);
    return node;
  }
}

/** The special files of a file system. */
export function specialFiles(tree: FileTree): SpecialFile[] {
  return [...tree.walk()]
    .filter(({ node: { kind, mode } }) => isSpecial(kind === "other" ? "file" : kind, mode))
    .map(({ path, node: { mode } }) => ({ path: displayName(path), mode }));
}

/** A name as text for messages. */
export function displayName(name: string): string {
  return Buffer.from(name, "latin1").toString();
}

/** Removes the nodes of other layers below a folder, except folders above nodes of this layer. */
function clear({ children }: Node, layer: number): void {
  for (const [name, child] of children) {
    clear(child, layer);
    if (child.layer !== layer && child.children.size === 0) children.delete(name);
  }
}

function folder(layer: number): Node {
  return {
    kind: "directory",
    mode: 0o755,
    uid: 0,
    gid: 0,
    size: 0,
    target: "",
    layer,
    origin: layer,
    offset: 0,
    children: new Map(),
  };
}
