/**
 * Packages linked at `/`: folders of several packages are merged; other files and folders become links into the store. If two
 * packages have different files at one path, the package with the lower priority number wins. A package's link out of the store
 * stays a link: its target on the building machine is no file of the image.
 */
import {
  closeSync,
  lstatSync,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
  realpathSync,
  statSync,
  type Stats,
} from "node:fs";
import { basename, normalize } from "node:path";
import type { LinkedPackage } from "../../image/content-file.ts";
import type { Located } from "../build-error.ts";
import { targetOutside } from "./in-store.ts";
import { plainFolder, RANK, type Folder, type Leaf, type Collision, type Node, type Origin } from "./root-tree.ts";
import { nameOf } from "../../store/store-path.ts";

/** Names of a package's files that only Nix reads; they are not linked. */
const FOR_NIX = new Set(["nix-support", "propagated-build-inputs", "propagated-user-env-packages"]);
/** Indexes of a package's files. They are not linked, since the index of several packages would be a new file. */
const INDEXES = /(?:^|\/)(?:info\/dir|perllocal\.pod)$/;

export interface PlacedPackage extends LinkedPackage {
  /** The index in the image's `packages`; null for a package of the base, or one that another setting added. */
  index: number | null;
  isBase: boolean;
}

/** A package's file or folder at a path of the tree. */
interface Candidate {
  package: PlacedPackage;
  source: string;
}

/** Looks up files and links of the base. */
export interface BaseLookup {
  /** Whether the base has its own file at a path, which hides its packages' files there. */
  isTaken: (path: string, isFolder: boolean) => boolean;
  /** Whether `remove` removed the base's link to a package's file or folder. The image's own packages are linked anyway. */
  isRemoved: (path: string, source: string) => boolean;
  /** The owner of the base's link to a package's file: a rule may have changed it. */
  ownerOf: (path: string, target: string) => { uid: number; gid: number };
}

/** The tree of all packages. */
export function packageTree(
  packages: PlacedPackage[],
  { isTaken, isRemoved, ownerOf }: BaseLookup,
  storeDir: string,
): { root: Folder; problems: Located[] } {
  const problems: Located[] = [];
  const outside = (path: string) => targetOutside(path, storeDir);
  const isFolder = (path: string) => statOf(path)?.isDirectory() === true && outside(path) === undefined;

  /** Whether the image has a package's file at a path. A package's link to its own path in the image adds nothing to it. */
  const isLinked = ({ source, package: { index } }: Candidate, path: string): boolean => {
    const target =
      lstatSync(source, { throwIfNoEntry: false })?.isSymbolicLink() === true ? outside(source) : undefined;
    if (target === undefined) return exists(source);
    const inImage = normalize(target);
    if (inImage.startsWith(`${path}/`) && index !== null) {
      const message = `the link ${source} leads to ${inImage}, which would be below the link itself at ${path}: move the package to \`store\``;
      problems.push({ at: ["packages", index], message });
    }
    return !`${inImage}/`.startsWith(`${path}/`);
  };

  const folderOf = (candidates: Candidate[], path: string): Folder => {
    const folder = plainFolder(originOf(candidates[0] as Candidate));
    for (const name of new Set(candidates.flatMap(({ source }) => readdirSync(source)))) {
      const at = `${path}/${name}`;
      if (INDEXES.test(at) || (path === "" && FOR_NIX.has(name))) continue;
      const inner = candidates.map((candidate) => ({ ...candidate, source: `${candidate.source}/${name}` }));
      const isHidden = ({ source, package: { isBase, index } }: Candidate) =>
        isBase && (isTaken(at, isFolder(source)) || (index === null && isRemoved(at, source)));
      const child = nodeOf(
        inner.filter((candidate) => isLinked(candidate, at) && !isHidden(candidate)),
        at,
      );
      if (child !== undefined) folder.children.set(name, child);
    }
    return folder;
  };

  const isSame = (a: string, b: string) =>
    a === b || (outside(a) === undefined && outside(b) === undefined ? isSameFile(a, b) : isSameLink(a, b));

  const nodeOf = (candidates: Candidate[], path: string): Node | undefined => {
    if (candidates.length === 0) return undefined;
    const best = Math.min(...candidates.map((candidate) => candidate.package.priority));
    const folders = candidates.filter(({ source }) => isFolder(source));
    const files = candidates.filter(({ source }) => !isFolder(source));
    const [first] = files.filter((candidate) => candidate.package.priority === best);
    if (first === undefined) {
      const [only, ...others] = folders as [Candidate, ...Candidate[]];
      // Top-level folders stay folders, since other entries may be put into them.
      if (others.length > 0 || path.lastIndexOf("/") === 0) return folderOf(folders, path);
      const item = { kind: "link", target: only.source, ...ownerOf(path, only.source) } as const;
      return { kind: "sealed", item, origin: originOf(only), open: () => folderOf(folders, path) };
    }
    const rivals = candidates.filter(
      (candidate) => candidate.package.priority === best && !isSame(first.source, candidate.source),
    );
    const leaf: Leaf = {
      kind: "leaf",
      item: { kind: "link", target: first.source, ...ownerOf(path, first.source) },
      origin: originOf(first),
    };
    if (rivals.length > 0) leaf.collision = collisionOf([first, ...rivals]);
    return leaf;
  };

  const candidates: Candidate[] = [];
  for (const each of packages) {
    const target = outside(each.path);
    if (isFolder(each.path)) candidates.push({ package: each, source: each.path });
    else if (each.index !== null && target !== undefined) {
      const message = `${basename(each.path)} is a link to ${target}, which is not in the store: package the files that it needs`;
      problems.push({ at: ["packages", each.index], message });
    } else if (each.index !== null) {
      const message = `${basename(each.path)} is a file, so it cannot be linked at /: move it to \`store\` or \`files\``;
      problems.push({ at: ["packages", each.index], message });
    }
  }
  return { root: candidates.length === 0 ? plainFolder(NO_PACKAGE) : folderOf(candidates, ""), problems };
}

const NO_PACKAGE: Origin = { rank: RANK.package, depth: 0, at: [], name: "packages" };

function originOf({ package: { path, index } }: Candidate): Origin {
  const at = index === null ? [] : ["packages", index];
  return { rank: RANK.package, depth: 0, at, name: `the package ${nameOf(path)}` };
}

/** A collision of packages. Its place in the spec is the last of the packages that the image itself names. */
function collisionOf(candidates: Candidate[]): Collision {
  const named = candidates.findLast((candidate) => candidate.package.index !== null);
  const at = named === undefined ? [] : ["packages", named.package.index as number];
  return { at, packages: candidates.map((candidate) => candidate.package.path) };
}

/** The number of paths that a message about two packages lists. */
const MAX_LISTED = 5;

/** Groups collisions by their packages, so that each group of packages is one problem. */
export function collisionProblems(collisions: (Collision & { path: string })[]): Located[] {
  const groups = Map.groupBy(collisions, ({ packages }) => enumerated(packages));
  return [...groups].map(([packages, all]) => {
    const paths = all.map(({ path }) => path).toSorted();
    const more = paths.length > MAX_LISTED ? ` and ${paths.length - MAX_LISTED} more` : "";
    const message =
      `${packages} have different files at ${paths.slice(0, MAX_LISTED).join(", ")}${more}: ` +
      "choose one of the files in `files`, or move one of the packages to `store`";
    return { at: all[0]?.at ?? [], message };
  });
}

/** `a and b`, `a, b and c`. */
function enumerated(names: string[]): string {
  return `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}

function statOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    // A link in a loop.
    return undefined;
  }
}

/** Whether a package's file exists. A dangling link does not: it would dangle in the image as well. Links in a loop do. */
function exists(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  }
}

/** Whether two files are the same, or have the same bytes and the same executable bit. */
function isSameFile(a: string, b: string): boolean {
  const [one, other] = [statOf(a), statOf(b)];
  if (one === undefined || other === undefined) return isSameLink(a, b);
  if (!one.isFile() || !other.isFile()) return false;
  if (realpathSync(a) === realpathSync(b)) return true;
  return one.size === other.size && (one.mode & 0o100) === (other.mode & 0o100) && hasSameBytes(a, b);
}

function isSameLink(a: string, b: string): boolean {
  const isLink = (path: string) => lstatSync(path).isSymbolicLink();
  return isLink(a) && isLink(b) && readlinkSync(a) === readlinkSync(b);
}

const PIECE = 1 << 16;

function hasSameBytes(a: string, b: string): boolean {
  const [left, right] = [Buffer.allocUnsafe(PIECE), Buffer.allocUnsafe(PIECE)];
  const files = [openSync(a, "r"), openSync(b, "r")] as const;
  try {
    for (;;) {
      const read = readSync(files[0], left, 0, PIECE, null);
      if (read !== readSync(files[1], right, 0, PIECE, null)) return false;
      if (read === 0) return true;
      if (!left.subarray(0, read).equals(right.subarray(0, read))) return false;
    }
  } finally {
    for (const file of files) closeSync(file);
  }
}
