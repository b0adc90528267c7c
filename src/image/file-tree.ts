/** The file system that the layers of an image make together, as a runtime sees it. Names are bytes read as Latin-1. */
import type { TarEntry } from "../layer/read-tar.ts";

export interface Node {
  kind: "file" | "directory" | "symlink" | "other";
  mode: number;
  uid: number;
  gid: number;
  /** Where a link leads. */
  target: string;
  /** The layer it is from; a folder that no entry names is from none. */
  layer: number;
  /** By name, for a folder. */
  children: Map<string, Node>;
  /** Kept for the few files that are looked into, as Latin-1. */
  contents?: string;
}

/** What stands at a path, or why nothing does and where the path would have led. */
export type Found = { node: Node; path: string } | { problem: string; at: string };

/** As many links as Linux follows. */
const MAX_LINKS = 40;
/** As many folders as a path of Linux (4,096 bytes) can name. */
const MAX_DEPTH = 2048;
const KINDS: Record<string, Node["kind"]> = { "0": "file", "1": "file", "2": "symlink", "5": "directory" };
/** A layer takes files of those below away with these (image-spec, layer.md). */
export const WHITEOUT = ".wh.";
export const OPAQUE = ".wh..wh..opq";

export class FileTree {
  readonly root: Node = folder(-1);

  /** Adds an entry of a layer; layers come from the lowest on. Says what is wrong with the entry, if anything is. */
  add(layer: number, entry: TarEntry, parts: string[]): string | undefined {
    const { type, mode, uid, gid, target } = entry;
    const last = parts.at(-1);
    if (last === undefined) return undefined;
    if (parts.length > MAX_DEPTH) return "lies deeper than a path can say";
    let parent = this.root;
    for (const part of parts.slice(0, -1)) {
      let next = parent.children.get(part);
      if (next === undefined) parent.children.set(part, (next = folder(-1)));
      if (next.kind !== "directory") return `lies below ${part}, which is a ${next.kind}`;
      parent = next;
    }
    if (last === OPAQUE) {
      clear(parent, layer);
      return undefined;
    }
    if (last.startsWith(WHITEOUT)) {
      parent.children.delete(last.slice(WHITEOUT.length));
      return undefined;
    }
    const before = parent.children.get(last);
    if (before?.layer === layer) return "is there twice";
    const kind = KINDS[type] ?? "other";
    if (type === "1") {
      const linked = this.#at(target.split("/").filter((part) => part !== "" && part !== "."));
      if (linked === undefined) return `is a hard link to ${target}, which is not there`;
      parent.children.set(last, { ...linked, layer });
      return undefined;
    }
    const children = kind === "directory" && before?.kind === "directory" ? before.children : new Map<string, Node>();
    parent.children.set(last, { kind, mode, uid, gid, target, layer, children });
    return undefined;
  }

  /** Whether an entry is a sign that takes away what no layer below has: a file that happens to have such a name. */
  isWhiteoutOfNothing(parts: string[]): boolean {
    const last = parts.at(-1) ?? "";
    if (!last.startsWith(WHITEOUT) || last === OPAQUE) return false;
    return this.#at([...parts.slice(0, -1), last.slice(WHITEOUT.length)]) === undefined;
  }

  /** Keeps the contents of an entry that was added. */
  keep(parts: string[], contents: string): void {
    const node = this.#at(parts);
    if (node !== undefined) node.contents = contents;
  }

  /** Follows a path through its links, the last one too; `through` sees every folder on the way. */
  resolve(path: string, through: (node: Node, path: string) => void = () => {}): Found {
    const left = path.split("/").toReversed();
    let trail: { name: string; node: Node }[] = [];
    let links = 0;
    const here = (): string => `/${trail.map(({ name }) => name).join("/")}`;
    while (left.length > 0) {
      const part = left.pop() as string;
      if (part === "" || part === ".") continue;
      if (part === "..") {
        trail.pop();
        continue;
      }
      const parent = trail.at(-1)?.node ?? this.root;
      if (parent.kind !== "directory") return { problem: `${here()} is no folder`, at: here() };
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
      if (++links > MAX_LINKS) return { problem: "its links lead in a circle", at: path };
      if (node.target.startsWith("/")) trail = [];
      left.push(...node.target.split("/").toReversed());
    }
    return { node: trail.at(-1)?.node ?? this.root, path: here() };
  }

  /** Everything in a folder, folders before what is in them; what is in a folder that is not `wanted` is left out. */
  *walk(
    wanted: (path: string) => boolean = () => true,
    from: Node = this.root,
  ): Generator<{ path: string; node: Node }> {
    const below = function* (parent: Node, path: string): Generator<{ path: string; node: Node }> {
      for (const [name, node] of parent.children) {
        const at = `${path}/${name}`;
        yield { path: at, node };
        if (node.kind === "directory" && wanted(at)) yield* below(node, at);
      }
    };
    yield* below(from, "");
  }

  /** Without following links. */
  #at(parts: string[]): Node | undefined {
    let node: Node | undefined = this.root;
    for (const part of parts) node = node?.children.get(part);
    return node;
  }
}

/** For a message: Latin-1 back to the text it was. */
export function shown(name: string): string {
  return Buffer.from(name, "latin1").toString();
}

/** Takes away what is below a folder from other layers, but for the folders of what is from this one. */
function clear({ children }: Node, layer: number): void {
  for (const [name, child] of children) {
    clear(child, layer);
    if (child.layer !== layer && child.children.size === 0) children.delete(name);
  }
}

function folder(layer: number): Node {
  return { kind: "directory", mode: 0o755, uid: 0, gid: 0, target: "", layer, children: new Map() };
}
