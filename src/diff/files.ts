/** Compares the file systems of two images. */
import { createHash } from "node:crypto";
import type { AnyImage, AnyLayer } from "../image/any-image.ts";
import { FileTree, displayName, type Node } from "../image/file-tree.ts";
import { WHITEOUT } from "../layer/whiteout.ts";
import { isSane } from "../verify/inspect-layer.ts";
import { plainName, TarReader, type TakeContent, type TarEntry } from "../layer/read-tar.ts";
import { interruptible } from "../util/interruptible.ts";
import { ImageError } from "../oci/image-error.ts";
import { HASH, STORE_DIR } from "../store/store-path.ts";
import { messageOf } from "../util/errors.ts";

const HASHED = new RegExp(`${STORE_DIR}/${HASH}-`, "g");

/**
 * A changed file. `name` contains no hashes of store paths, so that the files of a rebuilt package have the same names.
 * Sizes in bytes.
 */
export interface FileChange {
  name: string;
  before: number | null;
  after: number | null;
  /** The changes of mode, owner, kind or target; for an added or removed link, its target. */
  attributes?: string;
}

export interface FilesDifference {
  /** Store paths that only one of the images has, sorted. */
  paths: { removed: string[]; added: string[] };
  files: FileChange[];
}

export interface ImageLayers {
  image: AnyImage;
  /** Indexes of the layers that both images have. */
  shared: Set<number>;
}

/**
 * Reads the differing layers. Reads all layers if the result depends on shared layers. This is so if a differing layer
 * has a whiteout, or a hard link to a file of a shared layer. It is also so if an entry outside the store lies below a
 * shared layer, or is missing in the other image's differing layers. `bring` makes all layers readable.
 */
export async function compareFiles(
  before: ImageLayers,
  after: ImageLayers,
  { bring, signal }: { bring: () => Promise<void>; signal: AbortSignal | undefined },
): Promise<FilesDifference> {
  const read = async (isWanted: (from: ImageLayers, index: number) => boolean) =>
    [await readLayers(before, isWanted, signal), await readLayers(after, isWanted, signal)] as const;
  const [was, is] = await read(({ shared }, index) => !shared.has(index));
  if (!dependsOnShared(was, is)) return difference(was.tree, is.tree);
  await bring();
  const [all, others] = await read(() => true);
  return difference(all.tree, others.tree);
}

interface Read {
  tree: FileTree;
  /** Entries outside the store, in Latin-1. */
  outside: Set<string>;
  /** Whether the effect of an entry depends on a layer that was not read. */
  isOpen: boolean;
}

async function readLayers(
  from: ImageLayers,
  isWanted: (from: ImageLayers, index: number) => boolean,
  signal: AbortSignal | undefined,
): Promise<Read> {
  const read: Read = { tree: new FileTree(), outside: new Set(), isOpen: false };
  const { layers } = from.image;
  const lastShared = Math.max(-1, ...from.shared);
  for (const [index, layer] of layers.entries()) {
    if (isWanted(from, index)) await readLayer(read, layer, index, { isBelowShared: index < lastShared, signal });
  }
  return read;
}

async function readLayer(
  read: Read,
  layer: AnyLayer,
  index: number,
  { isBelowShared, signal }: { isBelowShared: boolean; signal: AbortSignal | undefined },
): Promise<void> {
  const reader = new TarReader((entry) => {
    const parts = plainName(entry.name)
      .split("/")
      .filter((part) => part !== "" && part !== ".");
    if (!isSane(entry, parts)) return undefined;
    if (isOutside(parts)) {
      read.outside.add(parts.join("/"));
      read.isOpen ||= isBelowShared || isWhiteout(parts);
    }
    const problem = read.tree.add(index, entry, parts);
    // A hard link to a file in an unread layer.
    if (problem !== undefined && entry.type === "1") read.isOpen = true;
    return problem === undefined ? hasher(read.tree, entry, parts) : undefined;
  });
  try {
    for await (const piece of interruptible(layer.stream(), signal)) reader.push(piece);
    reader.end();
  } catch (error) {
    signal?.throwIfAborted();
    throw new ImageError(`${layer.name} cannot be read: ${messageOf(error)}`);
  }
}

/** Computes the digest of a file's content, and stores it in the file's node of the tree. */
function hasher(tree: FileTree, { size }: TarEntry, parts: string[]): TakeContent | undefined {
  const node = tree.at(parts);
  if (node?.kind !== "file" || size === 0) return undefined;
  const hash = createHash("sha256");
  let left = size;
  return (piece) => {
    hash.update(piece);
    left -= piece.length;
    if (left === 0) node.digest = hash.digest("base64");
  };
}

function isOutside(parts: string[]): boolean {
  const [first, second, path] = parts;
  if (first !== "nix") return parts.length > 0;
  return second === undefined || second === "store" ? path !== undefined && isWhiteout(parts) : true;
}

function isWhiteout(parts: string[]): boolean {
  return parts.at(-1)?.startsWith(WHITEOUT) === true;
}

function dependsOnShared(was: Read, is: Read): boolean {
  return (
    was.isOpen || is.isOpen || without(was.outside, is.outside).length + without(is.outside, was.outside).length > 0
  );
}

function difference(was: FileTree, is: FileTree): FilesDifference {
  const [before, after] = [named(was), named(is)];
  const files = [...new Set([...before.keys(), ...after.keys()])].toSorted(inOrder).flatMap((name) => {
    const change = changeOf(name, before.get(name), after.get(name));
    return change === undefined ? [] : [change];
  });
  const [removed, added] = [storePaths(was), storePaths(is)];
  return {
    paths: {
      removed: without(removed, added).toSorted(inOrder),
      added: without(added, removed).toSorted(inOrder),
    },
    files,
  };
}

/** Files and explicitly listed folders, by their names without hashes. */
function named(tree: FileTree): Map<string, Node> {
  const found = new Map<string, Node>();
  for (const { path, node } of tree.walk()) {
    if (node.kind !== "directory") found.set(withoutHash(displayName(path)), node);
    else if (node.layer >= 0) found.set(`${withoutHash(displayName(path))}/`, node);
  }
  return found;
}

function changeOf(name: string, before: Node | undefined, after: Node | undefined): FileChange | undefined {
  // An added or removed folder is reported only if it is empty; otherwise its files are reported.
  const isReported = (node: Node | undefined) =>
    node !== undefined && (node.kind !== "directory" || node.children.size === 0);
  if (before === undefined || after === undefined) {
    if (!isReported(before) && !isReported(after)) return undefined;
    const only = before ?? after;
    const attributes = only?.kind === "symlink" ? { attributes: `link to ${targetOf(only)}` } : {};
    return { name, before: before?.size ?? null, after: after?.size ?? null, ...attributes };
  }
  const attributes = attributesChange(before, after);
  const isSame = before.size === after.size && before.digest === after.digest;
  if (attributes === undefined && isSame) return undefined;
  return { name, before: before.size, after: after.size, ...(attributes === undefined ? {} : { attributes }) };
}

function attributesChange(before: Node, after: Node): string | undefined {
  const [was, is] = [attributesOf(before), attributesOf(after)];
  const changed = was.flatMap(([name, value], i) =>
    is[i]?.[1] === value ? [] : [`${name} ${value} -> ${is[i]?.[1]}`],
  );
  return changed.length === 0 ? undefined : changed.join(", ");
}

/** A link's target is compared without hashes, which change with every rebuild. */
function attributesOf({ kind, mode, uid, gid, target }: Node): [name: string, value: string][] {
  return [
    ["kind", kind],
    ["mode", kind === "symlink" ? "" : mode.toString(8).padStart(4, "0")],
    ["owner", `${uid}:${gid}`],
    ["target", kind === "symlink" ? targetOf({ target }) : ""],
  ];
}

function targetOf({ target }: Pick<Node, "target">): string {
  return withoutHash(displayName(target));
}

function storePaths(tree: FileTree): Set<string> {
  const store = tree.at(["nix", "store"]);
  const names = store?.kind === "directory" ? [...store.children.keys()] : [];
  return new Set(names.map((name) => `${STORE_DIR}/${displayName(name)}`));
}

function withoutHash(name: string): string {
  return name.replaceAll(HASHED, `${STORE_DIR}/`);
}

function without(some: Set<string>, others: Set<string>): string[] {
  return [...some].filter((each) => !others.has(each));
}

function inOrder(a: string, b: string): number {
  return a < b ? -1 : 1;
}
