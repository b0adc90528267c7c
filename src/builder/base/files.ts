/** The files of a base that affect files of images on top: folders, links to folders, and the user database. */
import type { User } from "../../image/content-file.ts";
import { displayName, type FileTree, type Node } from "../../image/file-tree.ts";
import { plainName, TarReader, type TakeContent } from "../../layer/read-tar.ts";
import type { RootEntry } from "../../layer/recipe.ts";
import type { BaseFile } from "./contents.ts";
import { DATABASE } from "./database.ts";
import { STORE_DIR } from "../../store/store-path.ts";

const USER_FILES = ["/etc/passwd", "/etc/group", "/etc/nsswitch.conf"];
const KEPT = new Set([...USER_FILES, DATABASE, `${DATABASE}-wal`].map((path) => path.slice(path.lastIndexOf("/") + 1)));

/** A reader of a layer's tar stream that adds the entries to the tree, with the contents of a few files. */
export function watchLayer(tree: FileTree, layer: number): TarReader {
  return new TarReader((entry): TakeContent | void => {
    const parts = plainName(entry.name)
      .split("/")
      .filter((part) => part !== "" && part !== ".");
    if (parts.includes("..")) return undefined;
    tree.add(layer, entry, parts);
    return KEPT.has(parts.at(-1) ?? "") ? tree.keep(parts, entry.size) : undefined;
  });
}

/** Folders, links to folders, and the files of users, all outside the store. */
export function baseFiles(tree: FileTree): RootEntry[] {
  const entries: RootEntry[] = [];
  // A base may have no entry for its root.
  if (tree.root.layer >= 0) entries.push({ kind: "directory", path: "/", ...attributesOf(tree.root) });
  for (const { path: raw, node } of tree.walk((path) => path !== STORE_DIR)) {
    if (!isUtf8Name(raw)) continue;
    const path = displayName(raw);
    const attributes = attributesOf(node);
    if (node.kind === "directory") entries.push({ kind: "directory", path, ...attributes });
    else if (node.kind === "symlink" && leadsToFolder(tree, raw)) {
      const { mode: _, ...rest } = attributes;
      entries.push({ kind: "link", path, target: displayName(node.target), ...rest });
    } else if (node.kind === "file" && isKept(path, node)) {
      entries.push({ kind: "text", path, text: node.contents?.toString() ?? "", ...attributes });
    } else if (path.startsWith(`${DATABASE}-`)) {
      // A journal of the database: only its name is needed, for a whiteout.
      entries.push({ kind: "text", path, text: "", ...attributes });
    }
  }
  return entries.toSorted((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path)));
}

/** Files of the base outside the store, except those whose bytes are in `entries`; sorted by path. */
export function otherFiles(tree: FileTree, entries: RootEntry[]): BaseFile[] {
  const known = new Map(entries.map((entry) => [entry.path, entry]));
  const files: BaseFile[] = [];
  for (const { path: raw, node } of tree.walk((path) => path !== STORE_DIR)) {
    const path = displayName(raw);
    const isWhole = isUtf8Name(raw) && known.has(path) && !isShortened(known.get(path) as RootEntry, node);
    if (!isWhole && !path.startsWith(`${STORE_DIR}/`)) files.push(fileOf(raw, node));
  }
  return files.toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

/** Whether a text entry lacks bytes of its file. */
function isShortened(entry: RootEntry, { contents, size }: Node): boolean {
  if (entry.kind !== "text") return false;
  return contents === undefined ? size > 0 : !Buffer.from(entry.text).equals(contents);
}

function fileOf(raw: string, node: Node): BaseFile {
  const { kind, size, origin: layer, offset, device } = node;
  const path = displayName(raw);
  if (!isUtf8Name(raw)) return { kind: "other", path };
  const { mode, ...rest } = attributesOf(node);
  if (kind === "symlink") return { kind: "link", path, target: displayName(node.target), ...rest };
  if (kind === "file") return { kind, path, mode, ...rest, size, layer, offset };
  return device === undefined ? { kind: "other", path } : { kind: "device", path, mode, ...rest, ...device };
}

function attributesOf({ mode, uid, gid, kept }: Node): Pick<Node, "mode" | "uid" | "gid" | "kept"> {
  return { mode, uid, gid, ...(kept === undefined ? {} : { kept }) };
}

function isUtf8Name(raw: string): boolean {
  return Buffer.from(displayName(raw)).toString("latin1") === raw;
}

function isKept(path: string, { contents }: Node): boolean {
  return contents !== undefined && USER_FILES.includes(path);
}

function leadsToFolder(tree: FileTree, path: string): boolean {
  const found = tree.resolve(path);
  return "node" in found && found.node.kind === "directory";
}

/** The users and groups of /etc/passwd and /etc/group, without malformed lines. */
export function readUsers(tree: FileTree): { users: User[]; groups: Record<string, number> } {
  const groups = lines(tree, "/etc/group", 3).filter(([, , gid]) => isId(gid));
  const members = groups.map(([name = "", , , list = ""]) => ({ name, members: list.split(",") }));
  const users = lines(tree, "/etc/passwd", 7)
    .filter(([, , uid, gid]) => isId(uid) && isId(gid))
    .map(([name = "", , uid, gid, , home = "", shell = ""]) => ({
      name,
      uid: Number(uid),
      gid: Number(gid),
      home,
      shell,
      groups: members.filter((group) => group.members.includes(name)).map((group) => group.name),
    }));
  return { users, groups: Object.fromEntries(groups.map(([name = "", , gid]) => [name, Number(gid)])) };
}

function lines(tree: FileTree, path: string, fields: number): string[][] {
  const found = tree.resolve(path);
  if (!("node" in found)) return [];
  return (found.node.contents?.toString() ?? "")
    .split("\n")
    .map((line) => line.split(":"))
    .filter((line) => line.length >= fields && line[0] !== "");
}

function isId(text: string | undefined): boolean {
  return /^\d+$/.test(text ?? "");
}
