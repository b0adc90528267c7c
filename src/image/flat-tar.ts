/** Merges the layers of an image into one tar stream of its file system; only names are kept in memory. */
import { plainName, TarReader, type TarEntry } from "../layer/read-tar.ts";
import { CAPABILITY_RECORD, encodeHeader, padding, TRAILER, type EntryHeader } from "../layer/tar.ts";
import { FileTree, type Node } from "./file-tree.ts";

/** A layer's tar stream, which is read twice. A piece is valid until the next one is requested. */
export type PlainLayer = () => AsyncIterable<Uint8Array>;

/**
 * Applies whiteouts, lets the later of two entries win, and writes a file with several names once. The order is: all folders,
 * the files in the order of the layers, then links. Leaves out devices and pipes, since containers have their own; `onLeftOut`
 * gets their number.
 */
export async function* flatTar(layers: PlainLayer[], onLeftOut: (count: number) => void): AsyncGenerator<Uint8Array> {
  const tree = new FileTree();
  for (const [i, layer] of layers.entries()) {
    const reader = new TarReader((entry) => void tree.add(i, entry, partsOf(entry.name)));
    for await (const piece of layer()) reader.push(Buffer.from(piece.buffer, piece.byteOffset, piece.length));
    reader.end();
  }

  const names = new Map<string, string[]>();
  const symlinks: { path: string; node: Node }[] = [];
  let leftOut = 0;
  // Extractors treat `/` as an absolute name.
  yield header(tree.root, ".", "directory");
  for (const { path, node } of tree.walk()) {
    const name = path.slice(1);
    if (node.kind === "directory") yield header(node, name, "directory");
    else if (node.kind === "symlink") symlinks.push({ path: name, node });
    else if (node.kind === "other") leftOut += 1;
    else {
      const place = placeOf(node);
      const same = names.get(place);
      if (same === undefined) names.set(place, [name]);
      else same.push(name);
    }
  }
  for (const [i, layer] of layers.entries()) yield* files(i, layer, names);
  for (const { path, node } of symlinks) yield header(node, path, "symlink");
  if (leftOut > 0) onLeftOut(leftOut);
  yield TRAILER;
}

/** The files of a layer that no later layer hides. */
async function* files(index: number, layer: PlainLayer, names: Map<string, string[]>): AsyncGenerator<Uint8Array> {
  let ready: Uint8Array[] = [];
  const reader = new TarReader((entry) => {
    const [first, ...others] = names.get(placeOf({ origin: index, offset: entry.offset })) ?? [];
    if (first === undefined || (entry.type !== "0" && entry.type !== "7")) return undefined;
    const after = () => {
      ready.push(TRAILER.subarray(0, padding(entry.size)));
      for (const name of others) ready.push(hardLink(entry, name, first));
    };
    ready.push(fileHeader(entry, first));
    let left = entry.size;
    if (left === 0) after();
    return (piece) => {
      ready.push(piece);
      left -= piece.length;
      if (left === 0) after();
    };
  });
  for await (const piece of layer()) {
    reader.push(Buffer.from(piece.buffer, piece.byteOffset, piece.length));
    yield* ready;
    ready = [];
  }
}

function placeOf({ origin, offset }: Pick<Node, "origin" | "offset">): string {
  return `${origin}:${offset}`;
}

function partsOf(name: string): string[] {
  return plainName(name)
    .split("/")
    .filter((part) => part !== "" && part !== ".");
}

function header({ mode, uid, gid, target }: Node, name: string, kind: EntryHeader["kind"]): Buffer {
  const leads = kind === "symlink" ? { target: Buffer.from(target, "latin1") } : {};
  return encodeHeader({ kind, name: Buffer.from(name, "latin1"), mode, uid, gid, size: 0, ...leads });
}

function fileHeader({ mode, uid, gid, size, records }: TarEntry, name: string): Buffer {
  const capabilities = records.get(CAPABILITY_RECORD);
  return encodeHeader({
    kind: "file",
    name: Buffer.from(name, "latin1"),
    mode,
    uid,
    gid,
    size,
    ...(capabilities === undefined ? {} : { capabilities: Buffer.from(capabilities, "latin1") }),
  });
}

function hardLink({ mode, uid, gid }: TarEntry, name: string, target: string): Buffer {
  return encodeHeader({
    kind: "hardlink",
    name: Buffer.from(name, "latin1"),
    mode,
    uid,
    gid,
    size: 0,
    target: Buffer.from(target, "latin1"),
  });
}
