/** The files of a base that matter to what is put above them: its folders, the links to them, and who its users are. */
import type { User } from "../../image/content-file.ts";
import { shown, type FileTree, type Node } from "../../image/file-tree.ts";
import { plainName, TarReader, type TakeContent } from "../../layer/read-tar.ts";
import type { RootEntry } from "../../layer/recipe.ts";
import { readCapabilityAttribute } from "../../util/capabilities.ts";
import type { BaseFile } from "./contents.ts";
import { DATABASE } from "./database.ts";

const USER_FILES = ["/etc/passwd", "/etc/group", "/etc/nsswitch.conf"];
const KEPT = new Set([...USER_FILES, DATABASE, `${DATABASE}-wal`].map((path) => path.slice(path.lastIndexOf("/") + 1)));

/** Puts a layer's entries into the tree as its tar stream passes by, with the contents of the few files that matter. */
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

/** Folders and the links to folders, and the files that say who the users are. The store is a matter of its own. */
export function baseFiles(tree: FileTree): RootEntry[] {
  const entries: RootEntry[] = [];
  const { mode: rootMode, uid: rootUid, gid: rootGid, layer } = tree.root;
  // A base may have no entry for its root.
  if (layer >= 0) entries.push({ kind: "directory", path: "/", mode: rootMode, uid: rootUid, gid: rootGid });
  for (const { path: raw, node } of tree.walk((path) => path !== "/nix/store")) {
    const path = shown(raw);
    const { mode, uid, gid } = node;
    if (node.kind === "directory") entries.push({ kind: "directory", path, mode, uid, gid });
    else if (node.kind === "symlink" && leadsToFolder(tree, raw)) {
      entries.push({ kind: "link", path, target: shown(node.target), uid, gid });
    } else if (node.kind === "file" && isKept(path, node)) {
      entries.push({ kind: "text", path, text: node.contents?.toString() ?? "", mode, uid, gid });
    } else if (path.startsWith(`${DATABASE}-`)) {
      // Only that it is there matters: it goes away with the database it belongs to.
      entries.push({ kind: "text", path, text: "", mode, uid, gid });
    }
  }
  return entries.toSorted((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path)));
}

/** Files of the base outside the store that have no entry in `entries`, sorted by path. */
export function otherFiles(tree: FileTree, entries: RootEntry[]): BaseFile[] {
  const known = new Set(entries.map(({ path }) => path));
  const files: BaseFile[] = [];
  for (const { path: raw, node } of tree.walk((path) => path !== "/nix/store")) {
    const path = shown(raw);
    if (!known.has(path) && !path.startsWith("/nix/store/")) files.push(fileOf(raw, node));
  }
  return files.toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

function fileOf(raw: string, node: Node): BaseFile {
  const { kind, mode, uid, gid, size, origin: layer, offset, capability } = node;
  const path = shown(raw);
  const isText = Buffer.from(path).toString("latin1") === raw;
  if (isText && kind === "symlink") return { kind: "link", path, target: shown(node.target), uid, gid };
  if (!isText || kind !== "file") return { kind: "other", path };
  const capabilities = capability === undefined ? undefined : readCapabilityAttribute(capability);
  return { kind, path, mode, uid, gid, ...(capabilities && { capabilities }), size, layer, offset };
}

function isKept(path: string, { contents }: Node): boolean {
  return contents !== undefined && USER_FILES.includes(path);
}

function leadsToFolder(tree: FileTree, path: string): boolean {
  const found = tree.resolve(path);
  return "node" in found && found.node.kind === "directory";
}

/** Whoever /etc/passwd and /etc/group name; lines that are malformed name nobody. */
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
