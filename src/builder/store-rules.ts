/** Finds rules of `permissions` for store paths that change no file of the image's layers, or that make NAR hashes wrong. */
import { lstatSync, readdirSync } from "node:fs";
import type { ContentFile } from "../image/content-file.ts";
import type { Permission } from "../layer/recipe.ts";
import { globMatcher } from "../util/glob.ts";
import type { Located } from "./build-error.ts";
import { reachesBelow } from "./content/rules.ts";

/** `added`: the store paths that the image adds; `below`: those of its bases. */
export function storeRuleProblems(
  { storeRules = [], permissions }: ContentFile,
  added: string[],
  below: Iterable<string>,
): Located[] {
  return storeRules.flatMap(({ glob, specGlob }): Located[] => {
    const rules = permissions.filter((rule) => rule.glob === glob);
    const matches = globMatcher(glob);
    const parents = added.length === 0 ? [] : parentsOf(added[0] as string);
    if (parents.some(matches) || added.some((path) => rules.some((rule) => changes(rule, matches, path)))) return [];
    const isOfBase = [...below].some((path) => matches(path) || reachesBelow(glob, path));
    const message = isOfBase
      ? `${specGlob} matches only store paths of the base, which its layers hold already: move the rule to the image that adds them`
      : `${specGlob} matches no file that it can change in the image's store paths`;
    return [{ at: ["permissions", specGlob], message }];
  });
}

/** Whether a rule changes a file of a store path, or of a folder in one. */
function changes(rule: Permission, matches: (path: string) => boolean, path: string): boolean {
  const isMatch = matches(Buffer.from(path).toString("latin1"));
  const isReached = reachesBelow(rule.glob, path);
  if (!isMatch && !isReached) return false;
  const stat = lstatSync(path);
  const hasEffect =
    rule.uid !== null ||
    (rule.mode !== null && !stat.isSymbolicLink()) ||
    (rule.capabilities !== undefined && stat.isFile());
  if (isMatch && hasEffect) return true;
  return isReached && stat.isDirectory() && readdirSync(path).some((name) => changes(rule, matches, `${path}/${name}`));
}

interface StoreMode {
  glob: string;
  specGlob: string;
  mode: number;
  matches: (path: string) => boolean;
}

/** Findings for rules that change the executable bit of a file in the store paths `added` (`storeModes` in content-file.ts). */
export function executableBitProblems(
  { storeModes = [], permissions }: ContentFile,
  added: Iterable<string>,
): Located[] {
  const rules = permissions.flatMap(({ glob, mode }): StoreMode[] => {
    const named = storeModes.find((each) => each.glob === glob);
    return named === undefined || mode === null ? [] : [{ ...named, mode, matches: globMatcher(glob) }];
  });
  if (rules.length === 0) return [];
  /** The first file whose executable bit each rule changes. */
  const changed = new Map<StoreMode, string>();
  for (const path of added) visitFiles(path, rules, changed);
  return [...changed].map(([{ specGlob, mode }, path]) => {
    const [was, bit] = isExecutable(mode) ? ["is not executable", "without"] : ["is executable", "with"];
    const message =
      `the mode 0${mode.toString(8)} changes the executable bit of ${path}, which ${was}, so the hash of its store path ` +
      `in the image's Nix database would be wrong: write a mode ${bit} the owner's execute bit, or a glob that does not match the file`;
    return { at: ["permissions", specGlob], message };
  });
}

function visitFiles(path: string, rules: StoreMode[], changed: Map<StoreMode, string>): void {
  const name = Buffer.from(path).toString("latin1");
  const relevant = rules.filter(({ glob, matches }) => matches(name) || reachesBelow(glob, path));
  if (relevant.length === 0) return;
  const stat = lstatSync(path);
  if (stat.isDirectory()) for (const child of readdirSync(path)) visitFiles(`${path}/${child}`, relevant, changed);
  if (!stat.isFile()) return;
  // The last rule wins.
  const rule = relevant.findLast(({ matches }) => matches(name));
  if (rule !== undefined && !changed.has(rule) && isExecutable(rule.mode) !== isExecutable(stat.mode))
    changed.set(rule, path);
}

/** Whether a file with a mode is executable in a NAR. */
function isExecutable(mode: number): boolean {
  return (mode & 0o100) !== 0;
}

/** The store's folder and the folders above, which the layers list as well. */
function parentsOf(path: string): string[] {
  const parts = path.split("/").slice(0, -1);
  return parts.flatMap((_, i) => (i === 0 ? [] : [parts.slice(0, i + 1).join("/")]));
}
