/** Puts together all files of an image outside the store, from its base and its settings. Pure except for reading sources. */
import { dirname } from "node:path";
import * as z from "zod/mini";
import { LinkedPackage, type ContentFile } from "../../image/content-file.ts";
import { RunConfig } from "../../oci/documents.ts";
import { EnvExtension, mergeRunConfig } from "../../oci/run-config.ts";
import type { ShellFile } from "../../image/shell-file.ts";
import { enterable } from "../../layer/permissions.ts";
import type { Permission } from "../../layer/recipe.ts";
import type { RootEntry } from "../../layer/recipe.ts";
import { isWhiteout } from "../../layer/whiteout.ts";
import { CAPABILITIES, type Capability } from "../../util/capabilities.ts";
import { globMatcher, literalFolder } from "../../util/glob.ts";
import { BuildError, type Located } from "../build-error.ts";
import { nixEnvironment } from "./nix-environment.ts";
import { contentsPath, type BaseFile } from "../base/contents.ts";
import {
  baseUsers,
  groupIds,
  mergeUsers,
  ownerIds,
  userEntries,
  withMembers,
  type Known,
  type Owner,
} from "./users.ts";
import { copiedNode, forbiddenNames, linksIntoStore } from "./copies.ts";
import { targetOutside } from "./in-store.ts";
import { collisionProblems, packageTree, type BaseLookup, type PlacedPackage } from "./packages.ts";
import { applyRules, folderMode, reachesBelow, unwritable, type Rule } from "./rules.ts";
import {
  BASE,
  BASE_FILE,
  partsOf,
  plainFolder,
  RANK,
  RootTree,
  type Item,
  type Leaf,
  type Node,
  type Origin,
} from "./root-tree.ts";
import { foldersAbove, isAtOrBelow, removePaths, whiteouts } from "./removals.ts";
import { countFiles } from "./rewritten.ts";
import { unknownMembers, userIds } from "./user-ids.ts";

const Name = z.union([z.string(), z.number()]);
const OwnerArgument = z.nullable(z.object({ user: Name, group: z.nullable(Name) }));
const Mode = z.nullable(z.number());
const Capabilities = z.array(z.enum(CAPABILITIES));

const FileArgument = z.object({
  path: z.string(),
  kind: z.enum(["copy", "text", "link", "directory", "remove"]),
  /** The source path, the text or the link's target; "" for `directory` and `remove`. */
  from: z.string(),
  mode: Mode,
  owner: OwnerArgument,
  capabilities: Capabilities,
  /** The modes of an unpacked archive: see layer/modes.ts. */
  modes: z.nullable(z.string()),
  /** Whether the path is from the image's `files`, not from another setting such as `provide`. */
  isAsked: z.boolean(),
});
type FileArgument = z.infer<typeof FileArgument>;

const GroupArgument = z.object({ name: z.string(), gid: z.number(), members: z.array(z.string()) });

const UserArgument = z.object({
  name: z.string(),
  uid: z.number(),
  gid: z.number(),
  home: z.nullable(z.string()),
  shell: z.nullable(z.string()),
  groups: z.array(z.string()),
});

const PackageArgument = z.extend(LinkedPackage, {
  /** The index in the image's `packages`; null if another setting added the package. */
  index: z.nullable(z.number()),
});

export const ContentArguments = z.object({
  /** The packages that are linked at `/`. */
  packages: z.array(PackageArgument),
  files: z.array(FileArgument),
  users: z.array(UserArgument),
  groups: z.array(GroupArgument),
  permissions: z.array(z.object({ glob: z.string(), mode: Mode, owner: OwnerArgument, capabilities: Capabilities })),
  config: RunConfig,
  extendedEnv: z.array(EnvExtension),
  /** Whether to write /etc/passwd with root and nobody even without other users. */
  provideUsers: z.boolean(),
  /** The store's owner if Nix is to work inside the image; null otherwise. */
  nix: z.nullable(z.string()),
});
export type ContentArguments = z.infer<typeof ContentArguments>;

export const NO_BASE: ContentFile = {
  version: 1,
  entries: [],
  root: [],
  packages: [],
  users: [],
  groups: {},
  permissions: [],
  config: {},
  history: [],
};

/** Files of a base made elsewhere that its content leaves out. */
export interface OtherFiles {
  files: BaseFile[];
  /** The folder to which `writeContents` will write the bytes of files that a rule changes. */
  folder: string;
}

const NO_SHELL: ShellFile = { env: {}, files: {} };

export function makeContent(
  base: ContentFile,
  args: ContentArguments,
  storeDir: string,
  shell: ShellFile = NO_SHELL,
  other: OtherFiles = { files: [], folder: "" },
): ContentFile {
  const ownUsers = args.users.map((user) => ({
    ...user,
    home: user.home ?? "/var/empty",
    shell: user.shell ?? "/bin/sh",
  }));
  // Nix looks up its own user in /etc/passwd.
  const needsUserFiles =
    ownUsers.length + args.groups.length > 0 || args.provideUsers || (args.nix !== null && base.users.length === 0);
  const merged = needsUserFiles ? mergeUsers(base.users, ownUsers) : baseUsers(base.users);
  const known: Known = {
    users: withMembers(merged, args.groups),
    groups: { ...base.groups, ...Object.fromEntries(args.groups.map(({ name, gid }) => [name, gid])) },
  };
  const tree = new RootTree(storeDir);
  putBase(tree, base);
  putOthers(tree, base, other);
  const toRemove = args.files.filter(({ kind }) => kind === "remove").map(({ path }) => path);
  const removals = removePaths(tree, base, other.files, { paths: toRemove, storeDir });
  tree.problems.push(...removals.problems);
  const packages = allPackages(base, args);
  const below = belowPackages(base, storeDir);
  const isRemoved = (path: string, source: string) => {
    const at = below.follow(path);
    return (
      removals.isRemovedHere(at) ||
      removals.isRemovedHere(path) ||
      (removals.isRemovedBelow(at) && !below.has(at, source))
    );
  };
  // If this image removes a path, a package may have a file at this path.
  const isTaken: BaseLookup["isTaken"] = (path, isFolder) =>
    below.isTaken(path, isFolder) && !removals.isRemovedHere(below.follow(path));
  const linked = packageTree(packages, { ...below, isTaken, isRemoved }, storeDir);
  tree.problems.push(...linked.problems);
  tree.put("/", linked.root);
  for (const link of base.root.filter(isLinkToPackage(base))) {
    // The base's layers contain this link, but the package tree may not: if a base replaced a link to a folder, packages that
    // were linked through it are linked elsewhere now. The link stays.
    if (tree.at(link.path) === undefined && !removals.isRemovedHere(link.path)) tree.put(link.path, nodeOf(link, BASE));
  }
  const remaining = base.root.filter(({ path }) => !removals.isRemovedHere(path));
  const userFiles = needsUserFiles
    ? userEntries({ ...known, own: ownUsers, ownGroups: args.groups, below: remaining })
    : [];
  for (const entry of [...userFiles, ...texts(shell.files)]) tree.put(entry.path, nodeOf(entry, PROVIDED));
  const bySpecificity = args.files.toSorted((a, b) => rankOf(a) - rankOf(b) || depthOf(a) - depthOf(b));
  for (const file of bySpecificity) putFile(tree, file, known, storeDir);

  const storeLinks = args.files.flatMap(({ path, kind, from }) =>
    kind === "copy" ? linksIntoStore(from, storeDir).map((link) => ({ at: ["files", path], ...link })) : [],
  );

  const rules = args.permissions.map((rule) => ruleOf(rule, tree, known));
  const state = `${storeDir.slice(0, storeDir.lastIndexOf("/"))}/var/nix`;
  const reachesState = (glob: string) => args.nix !== null && (glob === state || reachesBelow(glob, state));
  const reachesOutside = (glob: string) => {
    const isAbove = globMatcher(glob);
    return reachesState(glob) || reachesBelow(glob, storeDir) || [storeDir, dirname(storeDir)].some(isAbove);
  };
  // Rules that may match store paths. The plan derivation, which knows these paths, checks that the rules match some.
  const storeRules: { glob: string; specGlob: string }[] = [];
  const onOutside = (rule: { glob: string; specGlob: string }) => {
    if (!reachesState(rule.glob)) storeRules.push(rule);
  };
  const setsStoreModes = ({ permission: { glob, mode } }: Rule) => mode !== null && reachesBelow(glob, storeDir);
  const storeModes = (args.nix === null ? [] : rules.filter(setsStoreModes)).map(({ specGlob, permission }) => ({
    glob: permission.glob,
    specGlob,
  }));
  tree.problems.push(...applyRules(tree, rules, reachesOutside, onOutside), ...unwritable(rules, other.files));
  checkStore(tree, storeDir);

  const ownership = storeOwner(args.nix, known, tree, storeDir);

  const env = args.nix !== null ? nixEnvironment(base.config, args.config, known.users, shell.env) : [];
  const config = args.nix !== null ? { ...args.config, Env: [...env, ...(args.config.Env ?? [])] } : args.config;
  tree.problems.push(...unknownMembers(args.groups, tree));
  const user = userIds(config.User ?? "", known, tree);
  if (typeof user === "object") tree.problems.push(user);
  const own = typeof user === "string" && user !== "" ? { ...config, User: user } : config;

  const { placed: all, collisions } = tree.entries();
  const beforeAt = new Map(remaining.map((entry) => [entry.path, entry]));
  const placed = all.flatMap((each) => {
    if (each.origin !== BASE_FILE) return [each];
    const entry = beforeAt.get(each.entry.path);
    return entry === undefined ? [] : [{ entry, origin: BASE }];
  });
  tree.problems.push(...collisionProblems(collisions));
  if (tree.problems.length > 0) throw new BuildError(tree.problems);
  const isNew = ({ entry, origin }: (typeof placed)[number]) =>
    (origin.rank !== RANK.base || entry.path === "/") &&
    JSON.stringify(beforeAt.get(entry.path)) !== JSON.stringify(entry);
  const added = new Set(placed.filter(isNew).map(({ entry }) => entry.path));
  const aboveRemoved = foldersAbove(removals.paths);
  const aboveAdded = foldersAbove([...added]);
  const isNamed = (entry: RootEntry) =>
    entry.kind === "directory" &&
    (aboveRemoved.has(entry.path) || (aboveAdded.has(entry.path) && !isPlainFolder(entry)));
  const removed = [...(base.removed ?? []), ...removals.paths];
  const entries = withHardLinks(
    placed.map(({ entry }) => entry).filter((entry) => added.has(entry.path) || isNamed(entry)),
  );
  const isRewrite = new Set(placed.flatMap(({ entry, origin }) => (origin.isRewrite === true ? [entry.path] : [])));
  const rewritten = countFiles(
    entries.filter(({ path }) => isRewrite.has(path)),
    other.files,
    other.folder,
  );
  return {
    version: 1,
    entries: [...entries, ...whiteouts(tree, removals.paths)],
    root: placed.map(({ entry }) => entry),
    packages: packages.map(({ path, priority }) => ({ path, priority })),
    ...(removed.length === 0 ? {} : { removed }),
    ...(rewritten.files === 0 ? {} : { rewritten }),
    ...(storeRules.length === 0 ? {} : { storeRules }),
    ...(storeModes.length === 0 ? {} : { storeModes }),
    ...(storeLinks.length === 0 ? {} : { storeLinks }),
    ...(base.special && { special: base.special }),
    ...(base.notes && { notes: base.notes }),
    users: known.users,
    groups: Object.fromEntries(groupIds(known)),
    permissions: [...ownership, ...rules.map(({ permission }) => permission)],
    // The schema decides the order of the members, as it does in a rebase (image/rebase.ts).
    config: RunConfig.parse(mergeRunConfig(base.config, own, args.extendedEnv)),
    history: base.history,
    ...(base.settings && { settings: [...base.settings, { config: own, extendedEnv: args.extendedEnv }] }),
  };
}

/** Makes entries of a foreign base that were hard links of one file hard links again, if their attributes are equal. */
function withHardLinks(entries: RootEntry[]): RootEntry[] {
  const first = new Map<string, string>();
  return entries.map((entry) => {
    if (entry.kind !== "copy" || entry.kept === undefined) return entry;
    const key = JSON.stringify({ ...entry, path: "" });
    const sameAs = first.get(key);
    if (sameAs === undefined) first.set(key, entry.path);
    return sameAs === undefined ? entry : { ...entry, sameAs };
  });
}

/** Whether a folder has the attributes of folders that runtimes create if no layer lists them. */
function isPlainFolder({ mode, uid, gid }: { mode: number; uid: number; gid: number }): boolean {
  return mode === 0o755 && uid === 0 && gid === 0;
}

const PROVIDED: Origin = { rank: RANK.provided, depth: 0, at: [], name: "imgc's own files" };

type Link = Extract<RootEntry, { kind: "link" }>;

function isLinkToPackage({ packages }: ContentFile): (entry: RootEntry) => entry is Link {
  return (entry): entry is Link =>
    entry.kind === "link" && packages.some(({ path }) => `${entry.target}/`.startsWith(`${path}/`));
}

/** Puts the base's entries, except links to packages: `packageTree` makes links to all packages, including the base's. */
function putBase(tree: RootTree, base: ContentFile): void {
  const isPackage = isLinkToPackage(base);
  for (const entry of base.root) {
    // Removed paths are not in the tree.
    if (entry.kind === "remove") continue;
    if (entry.path !== "/") {
      if (!isPackage(entry)) tree.put(entry.path, nodeOf(entry, BASE));
    } else if (entry.kind === "directory")
      Object.assign(tree.root, { mode: entry.mode, uid: entry.uid, gid: entry.gid, kept: entry.kept });
  }
}

/** Puts a foreign base's files that its content file does not list, unless a base above it removed or replaced them. */
function putOthers(tree: RootTree, { removed = [] }: ContentFile, { files, folder }: OtherFiles): void {
  const isRemoved = isAtOrBelow(removed);
  for (const file of files) {
    if (file.kind === "other" || isRemoved(file.path) || isReplaced(tree.at(file.path))) continue;
    tree.put(file.path, { kind: "leaf", item: itemOf(file, folder), origin: BASE_FILE });
  }
}

/** Whether a base above a foreign base has its own entry at the path of the foreign base's file. */
function isReplaced(node: Node | undefined): boolean {
  // The foreign base's own entry does not count: it may lack bytes of the file's text (base/files.ts).
  const isOfBase = node?.kind === "leaf" && node.item.kind === "text" && node.item.kept !== undefined;
  return node !== undefined && !isOfBase;
}

function itemOf(file: Exclude<BaseFile, { kind: "other" }>, folder: string): Leaf["item"] {
  const { path: _, ...attributes } = file;
  if (attributes.kind !== "file") return attributes;
  const { mode, uid, gid, kept } = attributes;
  const more = kept === undefined ? {} : { kept };
  return { kind: "copy", source: contentsPath(folder, attributes), mode, uid, gid, ...more };
}

/** The base's packages first. A package of both keeps the base's position but gets the image's index and priority. */
function allPackages(base: ContentFile, args: ContentArguments): PlacedPackage[] {
  const inherited = base.packages.map((each) => ({ ...each, index: null, isBase: true }));
  const isInherited = new Set(inherited.map(({ path }) => path));
  const own = args.packages.map((each) => ({ ...each, isBase: isInherited.has(each.path) }));
  return [...new Map([...inherited, ...own].map((each) => [each.path, each])).values()];
}

interface BasePackages extends Omit<BaseLookup, "isRemoved"> {
  /** The path after following the links among its folders in the base. */
  follow: (path: string) => string;
  /** Whether the base has a link at `path` to `source`, or such links for a folder above or for paths below. */
  has: (path: string, source: string) => boolean;
}

/** Looks up paths in the base, without its links to packages. */
function belowPackages(base: ContentFile, storeDir: string): BasePackages {
  const tree = new RootTree(storeDir);
  putBase(tree, base);
  const links = new Map(base.root.flatMap((entry) => (entry.kind === "link" ? [[entry.path, entry]] : [])));
  return {
    isTaken: (path, isFolder) => (isFolder ? tree.find(path)?.kind === "leaf" : tree.at(path) !== undefined),
    follow: (path) => tree.follow(path),
    has: (path, source) =>
      [...links.values()].some((link) =>
        isWithin(link.path, path)
          ? isWithin(link.target, source)
          : isWithin(path, link.path) && isWithin(source, link.target),
      ),
    ownerOf: (path, target) => {
      const link = links.get(path);
      return link?.target === target ? { uid: link.uid, gid: link.gid } : { uid: 0, gid: 0 };
    },
  };
}

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}

function texts(files: Record<string, string>): Extract<RootEntry, { kind: "text" }>[] {
  return Object.entries(files).map(([path, text]) => ({ kind: "text", path, text, mode: 0o644, uid: 0, gid: 0 }));
}

function rankOf({ isAsked }: FileArgument): Origin["rank"] {
  return isAsked ? RANK.file : RANK.provided;
}

function depthOf({ path }: FileArgument): number {
  return partsOf(path).length;
}

type Present = Exclude<RootEntry, { kind: "remove" }>;

/** An entry as a node, with all attributes explicit. */
function nodeOf(entry: Present, origin: Origin): Node {
  const { path: _, ...item } = entry;
  const explicit = { mode: true, owner: true };
  if (item.kind === "directory") {
    const { mode, uid, gid, kept } = item;
    return { ...plainFolder(origin), mode, uid, gid, kept, explicit };
  }
  if (item.kind !== "copy") return { kind: "leaf", item: item as Exclude<Item, { kind: "directory" }>, origin };
  const { source, ...attributes } = item;
  return copiedNode(source, { ...attributes, explicit }, origin) as Node;
}

function putFile(tree: RootTree, file: FileArgument, known: Known, storeDir: string): void {
  const { path, kind, from, mode, owner, isAsked } = file;
  if (kind === "remove") return;
  const capabilities = capabilitiesOf(file);
  const at = isAsked ? ["files", path] : [];
  const origin: Origin = { rank: rankOf(file), depth: depthOf(file), at, name: `files ${JSON.stringify(path)}` };
  const problem = (message: string) => void tree.problems.push({ at, message });
  const ids = idsOf(owner, known, at, tree);
  const explicit = { mode: mode !== null, owner: owner !== null };
  const target = tree.follow(path);
  if (target.startsWith(`${storeDir}/`)) {
    return problem(storeMessage(path, storeDir));
  }
  const whiteout = partsOf(path).find(isWhiteout);
  if (whiteout !== undefined) {
    return problem(`${whiteout} is the name of a whiteout, which would hide another file: rename the file`);
  }
  switch (kind) {
    case "text":
      return tree.put(path, {
        kind: "leaf",
        item: { kind, text: from, mode: mode ?? 0o644, ...capabilities, ...ids },
        origin,
      });
    case "link":
      return tree.put(path, { kind: "leaf", item: { kind, target: from, ...ids }, origin });
    case "directory":
      return tree.put(path, { ...plainFolder(origin), mode: mode ?? 0o755, ...ids, explicit });
    case "copy": {
      const outside = targetOutside(from, storeDir);
      if (outside !== undefined)
        return problem(`${from} leads to ${outside}, which is not in the store: copy its own files`);
      const modes = file.modes ?? undefined;
      const node = copiedNode(from, { mode, modes, ...capabilities, ...ids, explicit }, origin);
      if (!("kind" in node)) return void tree.problems.push(node);
      const names = node.kind === "sealed" ? forbiddenNames((node.item as { source: string }).source) : [];
      for (const name of names)
        problem(`the copied folder contains the whiteout ${name}, which would hide another file: exclude it`);
      if (names.length > 0) return;
      // The image's root does not get the mode of an archive's root folder.
      return tree.put(path, path === "/" && node.kind === "sealed" ? { ...node.open(), explicit } : node);
    }
  }
}

function ruleOf(argument: ContentArguments["permissions"][number], tree: RootTree, known: Known): Rule {
  const { glob: specGlob, mode, owner } = argument;
  const ids = owner === null ? { uid: null, gid: null } : idsOf(owner, known, ["permissions", specGlob], tree);
  const glob = followGlob(tree, specGlob);
  const permission: Permission = { glob, mode, ...ids, ...capabilitiesOf(argument) };
  if (mode !== null && folderMode(glob, mode) !== enterable(mode)) permission.folderMode = folderMode(glob, mode);
  return { specGlob, permission };
}

function capabilitiesOf({ capabilities }: { capabilities: Capability[] }): { capabilities?: Capability[] } {
  return capabilities.length === 0 ? {} : { capabilities };
}

/** Ids of an owner. An unknown user or group becomes a problem of the tree. */
function idsOf(owner: Owner | null, known: Known, at: Located["at"], tree: RootTree): { uid: number; gid: number } {
  try {
    return ownerIds(owner, known, at);
  } catch (error) {
    if (!(error instanceof BuildError)) throw error;
    tree.problems.push(...error.findings);
    return { uid: 0, gid: 0 };
  }
}

/** Gives the store to the user who runs Nix: garbage collection deletes entries of the store's folders. */
function storeOwner(user: string | null, known: Known, tree: RootTree, storeDir: string): Permission[] {
  if (user === null || user === "root") return [];
  return [{ glob: `${storeDir}/**`, mode: null, ...idsOf({ user, group: null }, known, ["nix", "user"], tree) }];
}

/** The glob with the links of its leading literal folders followed. */
function followGlob(tree: RootTree, glob: string): string {
  const named = literalFolder(glob);
  return named === "" ? glob : `${tree.follow(`${named}x`).slice(0, -1)}${glob.slice(named.length)}`;
}

/** Only packages may put files into the store. */
function checkStore(tree: RootTree, storeDir: string): void {
  let folder = tree.root;
  for (const name of partsOf(storeDir)) {
    const node = tree.child(folder, name, true);
    if (node === undefined) return;
    if (node.kind === "folder") folder = node;
    else {
      const message = `${node.origin.name} puts a file at ${storeDir}, which must be a folder for packages`;
      tree.problems.push({ at: node.origin.at, message });
      return;
    }
  }
  for (const [name, { origin }] of folder.children) {
    if (origin.rank === RANK.base) continue;
    tree.problems.push({ at: origin.at, message: storeMessage(`${storeDir}/${name}`, storeDir) });
  }
}

function storeMessage(path: string, storeDir: string): string {
  return `${path} is in ${storeDir}, which only packages may fill: add a package to \`store\` instead`;
}
