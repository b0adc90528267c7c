/** Applies the rules of `permissions` to the tree: sets the mode and owner of matching files, including the base's. */
import { lstatSync, readdirSync } from "node:fs";
import { enterable } from "../../layer/permissions.ts";
import type { Permission } from "../../layer/recipe.ts";
import { CAPABILITY_RECORD } from "../../layer/tar.ts";
import { capabilityAttribute, type Capability } from "../../util/capabilities.ts";
import { globMatcher, literalFolder } from "../../util/glob.ts";
import type { Located } from "../build-error.ts";
import type { BaseFile } from "../base/contents.ts";
import { RANK, type Folder, type Leaf, type Node, type Origin, type RootTree, type Sealed } from "./root-tree.ts";

export interface Rule {
  /** The glob in the spec; `permission.glob` has the base's links resolved. */
  specGlob: string;
  permission: Permission;
}

interface CompiledRule extends Permission {
  specGlob: string;
  origin: Origin;
  fits: (path: string) => boolean;
  /** Whether the glob may match a path below a folder. */
  reaches: (folder: string) => boolean;
  /** Whether the glob matches a folder and all paths below it. */
  covers: (folder: string) => boolean;
  /** The matches so far: none; only entries that cannot have the rule's attributes; or an entry that the rule changes. */
  matched: "none" | "useless" | "useful";
}

const WILDCARD = /[*?[{]/;
/** Matches globs in which `**` or `{…/…}` may match several parts of a path. */
const CROSSES_FOLDERS = /\*\*|\{[^}]*\//;

/**
 * The mode that a rule sets for folders. If the glob has wildcards and the mode has no execute bits, the user means files:
 * folders get execute bits, so that they stay accessible. Other modes are used unchanged.
 */
export function folderMode(glob: string, mode: number): number {
  return WILDCARD.test(glob) && (mode & 0o111) === 0 ? enterable(mode) : mode;
}

/**
 * Applies the rules; returns a finding for each rule without effect. `reachesOutside`: whether a glob may match paths that are
 * not in the tree, such as store paths. A rule with such a glob is no finding, but is passed to `onOutside`.
 */
export function applyRules(
  tree: RootTree,
  rules: Rule[],
  reachesOutside: (glob: string) => boolean,
  onOutside: (rule: { glob: string; specGlob: string }) => void,
): Located[] {
  if (rules.length === 0) return [];
  const compiled = rules.map(compile);
  visit(compiled, tree.root, "", (node) => void node);
  return compiled.flatMap(({ glob, specGlob, mode, origin: { at }, matched }): Located[] => {
    if (matched === "useful") return [];
    if (reachesOutside(glob)) {
      onOutside({ glob, specGlob });
      return [];
    }
    if (matched === "none") return [{ at, message: `${specGlob} matches no file of the image` }];
    const message =
      mode === null
        ? `${specGlob} matches no program, only folders, links or devices, which cannot have capabilities: ` +
          "write a glob for the programs"
        : `${specGlob} matches only links, which have no mode: write the path of a link's target, or copy the target`;
    return [{ at, message }];
  });
}

/** Findings for rules that match files of a foreign base that no entry can write again: their names are not UTF-8. */
export function unwritable(rules: Rule[], files: BaseFile[]): Located[] {
  const names = files.filter(({ kind }) => kind === "other").map(({ path }) => path);
  return rules.flatMap(({ specGlob, permission }): Located[] => {
    const matches = globMatcher(permission.glob);
    const name = names.find((path) => matches(latin1(path)));
    if (name === undefined) return [];
    const message = `the base has ${name}, whose name is not UTF-8, so the rule cannot change it: write a glob that does not match it`;
    return [{ at: ["permissions", specGlob], message }];
  });
}

/** Whether a glob may match a path below a folder. */
export function reachesBelow(glob: string, folder: string): boolean {
  if (CROSSES_FOLDERS.test(glob)) {
    const [named, below] = [literalFolder(glob), folder === "/" ? "/" : `${folder}/`];
    return named.startsWith(below) || below.startsWith(named);
  }
  const [parts, depth] = [glob.split("/"), folder === "/" ? 1 : folder.split("/").length];
  if (parts.length <= depth) return false;
  return depth === 1 || globMatcher(parts.slice(0, depth).join("/"))(latin1(folder));
}

function latin1(path: string): string {
  return Buffer.from(path).toString("latin1");
}

function compile({ specGlob, permission }: Rule): CompiledRule {
  const { glob } = permission;
  const matches = globMatcher(glob);
  const fits = (path: string) => matches(latin1(path));
  return {
    ...permission,
    specGlob,
    origin: {
      rank: RANK.file,
      depth: 0,
      at: ["permissions", specGlob],
      name: `permissions ${JSON.stringify(specGlob)}`,
    },
    fits,
    reaches: (folder) => reachesBelow(glob, folder),
    covers: (folder) => glob.endsWith("**") && fits(folder),
    matched: "none",
  };
}

function visit(rules: CompiledRule[], node: Node, path: string, replace: (node: Node) => void): void {
  const at = path === "" ? "/" : path;
  const relevant = rules.filter((rule) => rule.fits(at) || rule.reaches(at));
  if (relevant.length === 0) return;
  if (node.kind === "sealed") {
    // A package's files are in the store, not in the tree.
    if (node.item.kind === "link") return applyToEntry(relevant, node, at);
    const { item } = node;
    const { source } = item;
    const partly = relevant.some(
      (rule) => !(rule.covers(at) && isUniform(rule, item)) && (rule.fits(at) || fitsBelow(rule, source, at)),
    );
    if (!partly) return applyToEntry(relevant, node, at);
    const open = node.open();
    replace(open);
    return visit(rules, open, path, replace);
  }
  applyToEntry(relevant, node, at);
  if (node.kind !== "folder") return;
  for (const [name, child] of node.children) {
    visit(relevant, child, `${path}/${name}`, (other) => node.children.set(name, other));
  }
}

/** Whether one mode for a whole copied folder has the same effect as the rule. */
function isUniform({ glob, mode }: CompiledRule, item: Sealed["item"]): boolean {
  const hasModes = item.kind === "copy" && item.modes !== undefined;
  return mode === null || (!hasModes && folderMode(glob, mode) === enterable(mode));
}

function fitsBelow(rule: CompiledRule, source: string, path: string): boolean {
  if (!rule.reaches(path) || !lstatSync(source).isDirectory()) return false;
  return readdirSync(source).some((name) => {
    const [inner, at] = [`${source}/${name}`, `${path}/${name}`];
    return rule.fits(at) || fitsBelow(rule, inner, at);
  });
}

function applyToEntry(rules: CompiledRule[], node: Node, path: string): void {
  const target = node.kind === "folder" ? node : node.item;
  const before = JSON.stringify(attributesOf(target));
  for (const rule of rules) {
    if (!rule.fits(path)) continue;
    const { glob, mode, uid, gid, capabilities } = rule;
    const isProgram = target.kind === "copy" || target.kind === "text";
    const isUseless = uid === null && (target.kind === "link" || (!isProgram && mode === null));
    if (!isUseless) rule.matched = "useful";
    else if (rule.matched === "none") rule.matched = "useless";
    target.uid = uid ?? target.uid;
    target.gid = gid ?? target.gid;
    // A link has no mode.
    if (target.kind === "link") continue;
    if (mode !== null) target.mode = target.kind === "folder" ? folderMode(glob, mode) : mode;
    if (capabilities !== undefined && isProgram) setCapabilities(target, capabilities);
  }
  if (JSON.stringify(attributesOf(target)) === before) return;
  const isRewrite = node.origin.rank === RANK.base;
  node.origin = { ...(rules.at(-1) as CompiledRule).origin, isRewrite };
}

/** Sets capabilities. They replace those that a foreign base's file has among its kept pax records. */
function setCapabilities(
  item: Extract<Leaf["item"] | Sealed["item"], { kind: "copy" | "text" }>,
  names: Capability[],
): void {
  const { [CAPABILITY_RECORD]: before, ...records } = item.kept?.records ?? {};
  if (before === capabilityAttribute(names).toString("base64")) return;
  if (item.kept !== undefined && before !== undefined) item.kept = { ...item.kept, records };
  item.capabilities = names;
}

function attributesOf(target: Folder | Leaf["item"] | Sealed["item"]): unknown {
  const { uid, gid } = target;
  const mode = target.kind === "link" ? null : target.mode;
  const capabilities = target.kind === "copy" || target.kind === "text" ? target.capabilities : undefined;
  return [uid, gid, mode, capabilities, target.kept];
}
