/**
 * Selects the files of a folder to copy: all except ignored files, `.git`, result links, imgc's lock files and its generated
 * flakes. nix/copied.nix implements the same rules. Paths are byte strings, since names need not be UTF-8.
 */
import { existsSync, lstatSync, readdirSync, readFileSync, type Dirent } from "node:fs";
import { dirname } from "node:path";
import { FLAKE_MARK } from "./flake-mark.ts";
import { byteString, matches, parseIgnoreFile, parsePattern, type Pattern } from "./pattern.ts";
import { STORE_DIR } from "../store/store-path.ts";

export interface CopyRules {
  /** Patterns as in a .gitignore file of the folder; matching files are left out. */
  exclude: readonly string[];
  /** Whether to copy all files except those that `exclude` matches. */
  all: boolean;
  /** The topmost folder whose .gitignore file is read if the source is in no git repository. */
  within: string;
}

export interface CopiedEntry {
  /** The path below the source; "" if the source is a file. */
  path: string;
  kind: "file" | "link" | "directory";
}

export interface Copied {
  /** The entries to copy, folders before their children. */
  taken: CopiedEntry[];
  /** The paths left out; the children of a folder left out are not listed. */
  leftOut: string[];
}

/** Patterns, and the length of the path prefix to drop before matching: the path of the folder with the patterns. */
interface Rules {
  patterns: Pattern[];
  skip: number;
}

/** Selects files. `source`: an absolute path without symbolic links. Throws if a file or folder cannot be read. */
export function copiedOf(source: string, rules: CopyRules): Copied {
  const root = byteString(source);
  if (!lstatSync(source).isDirectory()) return { taken: [{ path: "", kind: "file" }], leftOut: [] };
  const excluded = rulesAt(
    root,
    rules.exclude.flatMap((line) => parsePattern(byteString(line)) ?? []),
  );
  const copied: Copied = { taken: [], leftOut: [] };
  const skip = slashed(root).length;

  function walk(folder: string, entries: Dirent<Buffer>[], above: Rules[]): void {
    const current = rules.all ? [] : withIgnoreFile(folder, entries, above);
    for (const entry of entries.toSorted((a, b) => Buffer.compare(a.name, b.name))) {
      const name = entry.name.toString("latin1");
      const full = slashed(folder) + name;
      const kind = kindOf(entry);
      const inside = kind === "directory" ? list(full) : [];
      const isLeftOut =
        isIgnored([excluded], full, kind) ||
        (!rules.all && (isNeverCopied(name, kind) || isIgnored(current, full, kind) || isGeneratedFlake(full, inside)));
      if (isLeftOut) copied.leftOut.push(full.slice(skip));
      else {
        if (kind === undefined) throw new Error(`${full} is neither a file, a folder nor a symbolic link`);
        copied.taken.push({ path: full.slice(skip), kind });
        if (kind === "directory") walk(full, inside, current);
      }
    }
  }

  walk(root, list(root), rules.all ? [] : inherited(root, byteString(rules.within)));
  return copied;
}

/** The number of files and links in the paths that were left out. */
export function filesIn(source: string, paths: readonly string[]): number {
  const count = (path: string): number => {
    if (!lstatSync(Buffer.from(path, "latin1")).isDirectory()) return 1;
    return list(path).reduce((sum, entry) => sum + count(`${slashed(path)}${entry.name.toString("latin1")}`), 0);
  };
  return paths.reduce((sum, path) => sum + count(slashed(byteString(source)) + path), 0);
}

/** The .gitignore rules of the folders above the source; empty if they ignore the source itself, or a folder above it. */
function inherited(root: string, within: string): Rules[] {
  const above = foldersAbove(root, within);
  let rules: Rules[] = [];
  for (const [i, folder] of above.entries()) {
    rules = withIgnoreFile(folder, list(folder), rules);
    if (isIgnored(rules, above[i + 1] ?? root, "directory")) return [];
  }
  return rules;
}

/** The folders above the source, from the top of the git repository or, without one, from `within`. */
function foldersAbove(root: string, within: string): string[] {
  const isTop = (folder: string) =>
    existsSync(Buffer.from(`${slashed(folder)}.git`, "latin1")) || dirname(folder) === STORE_DIR;
  const above: string[] = [];
  for (let folder = root; ; folder = dirname(folder)) {
    if (folder !== root) above.unshift(folder);
    if (isTop(folder)) return above;
    if (folder === "/") break;
  }
  return slashed(root).startsWith(slashed(within))
    ? above.filter((folder) => slashed(folder).startsWith(slashed(within)))
    : [];
}

function withIgnoreFile(folder: string, entries: Dirent<Buffer>[], above: Rules[]): Rules[] {
  const hasFile = entries.some((entry) => entry.isFile() && entry.name.toString("latin1") === ".gitignore");
  if (!hasFile) return above;
  const content = readFileSync(Buffer.from(`${slashed(folder)}.gitignore`, "latin1"), "latin1");
  return [rulesAt(folder, parseIgnoreFile(content)), ...above];
}

function rulesAt(folder: string, patterns: Pattern[]): Rules {
  return { patterns, skip: slashed(folder).length };
}

/** In the nearest .gitignore file with a match, the last matching pattern decides. */
function isIgnored(rules: readonly Rules[], full: string, kind: CopiedEntry["kind"] | undefined): boolean {
  for (const { patterns, skip } of rules) {
    const path = full.slice(skip);
    const last = patterns.findLast((pattern) => matches(pattern, path, kind === "directory"));
    if (last !== undefined) return !last.isNegated;
  }
  return false;
}

function isNeverCopied(name: string, kind: CopiedEntry["kind"] | undefined): boolean {
  const isResult = kind === "link" && (name === "result" || name.startsWith("result-"));
  return name === ".git" || name === "imgc.lock" || kind === undefined || isResult;
}

function isGeneratedFlake(folder: string, entries: Dirent<Buffer>[]): boolean {
  const hasFile = entries.some((entry) => entry.isFile() && entry.name.toString("latin1") === "flake.nix");
  if (!hasFile) return false;
  return readFileSync(Buffer.from(`${slashed(folder)}/flake.nix`, "latin1"), "latin1").startsWith(FLAKE_MARK);
}

function list(folder: string): Dirent<Buffer>[] {
  return readdirSync(Buffer.from(folder, "latin1"), { withFileTypes: true, encoding: "buffer" });
}

function kindOf(entry: Dirent<Buffer>): CopiedEntry["kind"] | undefined {
  if (entry.isDirectory()) return "directory";
  if (entry.isSymbolicLink()) return "link";
  return entry.isFile() ? "file" : undefined;
}

function slashed(folder: string): string {
  return folder === "/" ? folder : `${folder}/`;
}
