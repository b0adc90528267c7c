/** The entries of a layer in the order of its tar stream: store paths first, then files outside the store. */
import { lstatSync, readdirSync, readlinkSync, type Stats } from "node:fs";
import { enterable, ruler } from "./permissions.ts";
import { readModes } from "./modes.ts";
import type { EntryHeader } from "./tar.ts";
import type { LayerContent, RootEntry, SpecialFile } from "./recipe.ts";
import { OPAQUE, WHITEOUT } from "./whiteout.ts";

/** A tar entry with the source of its content. */
export interface Entry extends EntryHeader {
  /** A file to read `size` bytes from, or the bytes themselves. */
  source?: Buffer;
  contents?: Buffer;
}

/** An entry for a file, folder or link on this machine. Hard links become separate files. */
interface SourceEntry extends Entry {
  kind: "file" | "directory" | "symlink";
}

/** All entries of a layer. `root`: the folder of a chroot store, or "" for the machine's store. */
export function* layerEntries(content: LayerContent, root: string): Generator<Entry> {
  if (content.permissions.length === 0) yield* plainEntries(content, root);
  else {
    const rule = ruler(content.permissions);
    for (const entry of plainEntries(content, root)) yield rule(entry);
  }
}

export function specialEntries(content: LayerContent, root: string): SpecialFile[] {
  // Store paths have no special modes.
  if (content.entries.length + content.permissions.length === 0) return [];
  return [...layerEntries(content, root)]
    .filter(({ kind, mode }) => isSpecial(kind, mode))
    .map(({ name, mode }) => ({ path: `/${name.toString()}`, mode }));
}

export function isSpecial(kind: EntryHeader["kind"], mode: number): boolean {
  const isSticky = kind === "directory" && (mode & 0o1000) !== 0;
  return kind !== "symlink" && ((mode & 0o6000) !== 0 || ((mode & 0o002) !== 0 && !isSticky));
}

function* plainEntries(content: LayerContent, root: string): Generator<Entry> {
  if (content.paths.length > 0) {
    // Folders above store paths are entries, so that their modes do not depend on the runtime.
    yield* parents(content.paths[0] as string);
    for (const path of content.paths) {
      yield* tree(Buffer.from(root + path), Buffer.from(path.slice(1)), STORE_RULES);
    }
  }
  const present = content.entries.filter(({ kind }) => kind !== "remove");
  const explicit = new Map(present.map(({ path, kind }) => [Buffer.from(path.slice(1)).toString("latin1"), kind]));
  for (const entry of content.entries) {
    const entries = rootEntry(entry, root);
    yield* entry.kind === "copy" ? withoutExplicit(entries, entry.path, explicit) : entries;
  }
}

/** A copied folder's entries, except for paths with entries of their own. Of these, a folder replaces only attributes. */
function* withoutExplicit(
  copied: Generator<Entry>,
  path: string,
  explicit: Map<string, RootEntry["kind"]>,
): Generator<Entry> {
  const top = Buffer.from(path.slice(1)).length;
  let hidden = "";
  for (const entry of copied) {
    const name = entry.name.toString("latin1");
    if (hidden !== "" && name.startsWith(hidden)) continue;
    hidden = "";
    const kind = name.length > top ? explicit.get(name) : undefined;
    if (kind === undefined) yield entry;
    else if (kind !== "directory" || entry.kind !== "directory") hidden = `${name}/`;
  }
}

/** A file or folder on this machine with its content; names start with "path". */
export function treeEntries(path: string): Generator<SourceEntry> {
  return tree(Buffer.from(path), Buffer.from("path"), STORE_RULES);
}

interface Rules {
  uid: number;
  gid: number;
  directoryMode: number;
  fileMode(executable: boolean): number;
}

/** The modes of files in a store: Nix keeps only the executable bit. */
const STORE_RULES: Rules = { uid: 0, gid: 0, directoryMode: 0o555, fileMode: (x) => (x ? 0o555 : 0o444) };

function* parents(path: string): Generator<Entry> {
  const parts = path.split("/").slice(1, -1);
  for (let i = 1; i <= parts.length; i++) {
    const name = Buffer.from(parts.slice(0, i).join("/"));
    yield { kind: "directory", name, mode: 0o755, uid: 0, gid: 0, size: 0 };
  }
}

/** A file, link or folder with its content, in the byte order of names. */
function* tree(source: Buffer, name: Buffer, rules: Rules): Generator<SourceEntry> {
  const stat = lstatSync(source);
  const { uid, gid } = rules;
  if (stat.isSymbolicLink()) {
    const target = readlinkSync(source, { encoding: "buffer" });
    yield { kind: "symlink", name, mode: 0o777, uid, gid, size: 0, target };
  } else if (stat.isDirectory()) {
    yield { kind: "directory", name, mode: rules.directoryMode, uid, gid, size: 0 };
    const children = readdirSync(source, { encoding: "buffer" }).toSorted(Buffer.compare);
    for (const child of children) yield* tree(join(source, child), join(name, child), rules);
  } else {
    yield file(source, name, stat, rules);
  }
}

function file(source: Buffer, name: Buffer, stat: Stats, { uid, gid, fileMode }: Rules): SourceEntry {
  if (!stat.isFile()) throw new Error(`${source.toString()} is neither a file, a folder nor a symbolic link`);
  return { kind: "file", name, mode: fileMode((stat.mode & 0o100) !== 0), uid, gid, size: stat.size, source };
}

function* rootEntry(entry: RootEntry, root: string): Generator<Entry> {
  const name = Buffer.from(entry.path.slice(1));
  if (entry.kind === "remove") {
    const slash = entry.path.lastIndexOf("/");
    const whiteout = entry.opaque
      ? `${entry.path}/${OPAQUE}`
      : `${entry.path.slice(0, slash)}/${WHITEOUT}${entry.path.slice(slash + 1)}`;
    yield { kind: "file", name: Buffer.from(whiteout.slice(1)), mode: 0o644, uid: 0, gid: 0, size: 0 };
    return;
  }
  const { uid, gid, kept } = entry;
  const common = { name, uid, gid, size: 0, ...kept };
  switch (entry.kind) {
    case "directory":
      yield { kind: "directory", ...common, mode: entry.mode };
      break;
    case "link":
      yield { kind: "symlink", ...common, mode: 0o777, target: Buffer.from(entry.target) };
      break;
    case "text": {
      const contents = Buffer.from(entry.text);
      const { mode, capabilities } = entry;
      yield { kind: "file", ...common, mode, size: contents.length, contents, capabilities };
      break;
    }
    case "device": {
      const { device, major, minor, mode } = entry;
      yield { kind: "device", ...common, mode, device: { device, major, minor } };
      break;
    }
    case "copy":
      yield* copiedEntries(entry, name, root);
  }
}

/** A copied file or folder, with the modes and capabilities of its entry. */
function* copiedEntries(entry: Extract<RootEntry, { kind: "copy" }>, name: Buffer, root: string): Generator<Entry> {
  const { mode, uid, gid, capabilities, kept, sameAs } = entry;
  const fileMode = (executable: boolean) => mode ?? (executable ? 0o755 : 0o644);
  const directoryMode = mode === null ? 0o755 : enterable(mode);
  const modes = entry.modes === undefined ? undefined : readModes(root + entry.modes);
  for (const each of tree(Buffer.from(root + entry.source), name, { uid, gid, directoryMode, fileMode })) {
    if (each.kind === "file") each.capabilities = capabilities;
    if (kept !== undefined) Object.assign(each, kept);
    if (sameAs !== undefined) {
      delete each.source;
      Object.assign(each, { kind: "hardlink", size: 0, target: Buffer.from(sameAs.slice(1)) });
    }
    if (modes !== undefined && each.kind !== "symlink") {
      each.mode = modes.get(each.name.subarray(name.length + 1).toString("latin1")) ?? each.mode;
    }
    yield each;
  }
}

function join(folder: Buffer, child: Buffer): Buffer {
  return Buffer.concat([folder, Buffer.from("/"), child]);
}
