/** Finds rules of `permissions` for store paths that change no file of the layers that an image adds. */
import { lstatSync, readdirSync } from "node:fs";
import type { ContentFile } from "../image/content-file.ts";
import type { Permission } from "../layer/permissions.ts";
import { globMatcher } from "../util/glob.ts";
import type { Located } from "./attributes.ts";
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

/** The store's folder and the folders above, which the layers list as well. */
function parentsOf(path: string): string[] {
  const parts = path.split("/").slice(0, -1);
  return parts.flatMap((_, i) => (i === 0 ? [] : [parts.slice(0, i + 1).join("/")]));
}
