/** Copied files and folders as nodes of the tree, and the names that a copied folder must not contain. */
import { existsSync, lstatSync, readdirSync, readlinkSync, realpathSync } from "node:fs";
import { readModes } from "../../layer/modes.ts";
import type { PreservedAttributes } from "../../layer/recipe.ts";
import { enterable } from "../../layer/permissions.ts";
import { isWhiteout } from "../../layer/whiteout.ts";
import type { Capability } from "../../util/capabilities.ts";
import { BuildError, type Located } from "../build-error.ts";
import { plainFolder, type Folder, type Item, type Node, type Origin } from "./root-tree.ts";

type CopyItem = Extract<Item, { kind: "copy" }>;

/** Attributes of copied files in the image; `mode` null keeps the source's mode. */
export interface CopyAttributes {
  mode: number | null;
  uid: number;
  gid: number;
  explicit: Folder["explicit"];
  capabilities?: Capability[] | undefined;
  /** The path of a file with modes for some files of the source (layer/modes.ts). */
  modes?: string | undefined;
  /** Further attributes of a foreign base's file. */
  kept?: PreservedAttributes | undefined;
}

/** A copy of a file or folder. A link is followed first. */
export function copiedNode(source: string, attributes: CopyAttributes, origin: Origin): Node | Located {
  let real = source;
  if (lstatSync(source).isSymbolicLink()) {
    try {
      real = realpathSync(source);
    } catch {
      return { at: origin.at, message: `the copied path is a link to ${readlinkSync(source)}, which does not exist` };
    }
  }
  return nodeOf(real, attributes, origin);
}

function nodeOf(source: string, attributes: CopyAttributes, origin: Origin): Node {
  const { mode, uid, gid, capabilities, modes, kept } = attributes;
  const stat = lstatSync(source);
  if (stat.isSymbolicLink()) {
    return { kind: "leaf", item: { kind: "link", target: readlinkSync(source), uid, gid }, origin };
  }
  const item: CopyItem = {
    kind: "copy",
    source,
    mode,
    ...(capabilities === undefined ? {} : { capabilities }),
    ...(modes === undefined ? {} : { modes }),
    ...(kept === undefined ? {} : { kept }),
    uid,
    gid,
  };
  if (!stat.isDirectory()) return { kind: "leaf", item, origin };
  return { kind: "sealed", item, origin, open: () => openFolder(source, attributes, origin) };
}

function openFolder(source: string, attributes: CopyAttributes, origin: Origin): Folder {
  const { mode, uid, gid, explicit, modes } = attributes;
  const folder: Folder = { ...plainFolder(origin), mode: mode === null ? 0o755 : enterable(mode), uid, gid, explicit };
  for (const bytes of readdirSync(source, { encoding: "buffer" })) {
    const name = bytes.toString();
    if (!Buffer.from(name).equals(bytes)) {
      const message = `${source}/${name} has a name that is not UTF-8, so its folder cannot be merged with other files`;
      throw new BuildError([{ at: origin.at, message }]);
    }
    folder.children.set(name, nodeOf(`${source}/${name}`, { ...attributes, modes: undefined }, origin));
  }
  if (modes !== undefined) setModes(folder, readModes(modes), "");
  return folder;
}

/** Sets the modes of an unpacked archive's files. Opens all folders, since `modes` has the paths of files in them. */
function setModes(folder: Folder, modes: ReadonlyMap<string, number>, path: string): void {
  const modeAt = (at: string) => modes.get(Buffer.from(at).toString("latin1"));
  const own = modeAt(path);
  if (own !== undefined) Object.assign(folder, { mode: own, explicit: { ...folder.explicit, mode: true } });
  for (const [name, child] of folder.children) {
    const at = path === "" ? name : `${path}/${name}`;
    if (child.kind === "leaf") {
      const mode = modeAt(at);
      if (mode !== undefined && child.item.kind === "copy") child.item.mode = mode;
    } else {
      const open = child.kind === "sealed" ? child.open() : child;
      folder.children.set(name, open);
      setModes(open, modes, at);
    }
  }
}

/** The paths in a copied folder whose names would be whiteouts in a layer. */
export function forbiddenNames(source: string): string[] {
  const stat = lstatSync(source);
  if (!stat.isDirectory()) return [];
  return readdirSync(source, { recursive: true, encoding: "utf8" }).filter(isWhiteout).toSorted();
}

/** The links of a copied folder that lead into the store, one for each store path. */
export function linksIntoStore(source: string, storeDir: string): { path: string; target: string }[] {
  const found = new Map<string, { path: string; target: string }>();
  const visit = (at: string, path: string): void => {
    const stat = lstatSync(at, { throwIfNoEntry: false });
    if (stat?.isSymbolicLink() === true && path !== "") {
      const target = readlinkSync(at);
      const name = target.startsWith(`${storeDir}/`) ? target.slice(storeDir.length + 1).split("/", 1)[0] : undefined;
      if (name !== undefined && !found.has(name)) found.set(name, { path, target });
    } else if (stat?.isDirectory() === true) {
      for (const name of readdirSync(at)) visit(`${at}/${name}`, path === "" ? name : `${path}/${name}`);
    }
  };
  // A link to a folder is followed, like the copy.
  visit(existsSync(source) ? realpathSync(source) : source, "");
  return [...found.values()];
}
