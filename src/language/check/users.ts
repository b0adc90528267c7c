/** Checks that an image has the users and groups that its settings name, for example as owners of files. */
import type { ImageSpec } from "../schema/spec.ts";
import type { Span, Term } from "../syntax/tree.ts";
import { settingIn } from "./locate.ts";
import type { Rule } from "./rule.ts";

/** Reports unknown users. Only if the lowest base is `scratch`: then the image and its bases declare all users. */
export const knownUsers: Rule = ({ spec, chain, image, isFromScratch, scope }) => {
  if (!isFromScratch) return;
  const users = new Set(["root", "nobody"]);
  for (const each of chain) for (const { name } of each.users) users.add(name);
  const groups = new Set(users).add("nogroup");
  for (const each of chain) {
    for (const user of each.users) for (const group of user.groups) groups.add(group);
    for (const { name } of each.groups) groups.add(name);
  }
  const missing = new Map<string, Span>();
  const requireKnown = (name: string | number | null, known: ReadonlySet<string>, span: () => Span): void => {
    if (typeof name === "string" && !/^\d*$/.test(name) && !known.has(name) && !missing.has(name))
      missing.set(name, span());
  };
  const valueOf = (path: string[]): Span => settingIn(image, path)?.values.at(-1)?.span ?? image.nameTerm.span;
  let owners: Map<string, Span> | undefined;
  const ownerSpan = (name: string | number | null): Span => {
    owners ??= ownersIn(image.setting.values);
    return owners.get(String(name)) ?? image.nameTerm.span;
  };
  for (const entries of [spec.files, spec.permissions])
    for (const entry of entries) {
      const owner = "owner" in entry ? entry.owner : null;
      if (owner === null) continue;
      requireKnown(owner.user, users, () => ownerSpan(owner.user));
      requireKnown(owner.group, groups, () => ownerSpan(owner.group));
    }
  for (const { name, members } of spec.groups)
    for (const member of members) requireKnown(member, users, () => valueOf(["groups", name, "members"]));
  requireKnown(spec.nix?.user ?? null, users, () => valueOf(["nix", "user"]));
  const [user = null, group = null] = configUser(spec);
  // If `files` may write /etc/passwd or /etc/group, only the build can read the names in it.
  if (!chain.some(writesFile("/etc/passwd"))) requireKnown(user, users, () => valueOf(["config", "user"]));
  if (!chain.some(writesFile("/etc/group"))) requireKnown(group, groups, () => valueOf(["config", "user"]));
  const isBuiltIn = user === "root" || user === "nobody";
  if (isBuiltIn && !chain.some(writesUsers))
    scope.report("unwritten-user", valueOf(["config", "user"]), { name: user });
  for (const [name, span] of missing) scope.report("unknown-user", span, { name });
};

/** Whether the image may have an /etc/passwd. A package may contain one too, which the check cannot know. */
function writesUsers(image: ImageSpec): boolean {
  const { users, groups, nix, provide } = image;
  const isMade = users.length + groups.length > 0 || nix !== null || provide.includes("users");
  return isMade || writesFile("/etc/passwd")(image);
}

/** Whether `files` of an image may write a file, as an entry or in a copied folder. */
function writesFile(file: string): (image: ImageSpec) => boolean {
  const isAbove = (path: string) => file.startsWith(path === "/" ? path : `${path}/`);
  const isContent = (kind: string) => kind === "copy" || kind === "extract";
  return ({ files }) =>
    files.some(({ path, kind }) => (path === file && kind !== "remove") || (isContent(kind) && isAbove(path)));
}

function configUser({ config: { user } }: ImageSpec): string[] {
  return typeof user === "string" ? user.split(":") : [];
}

/** The names of all owners, each with the place where the name is first used. */
function ownersIn(terms: readonly Term[], found = new Map<string, Span>()): Map<string, Span> {
  for (const term of terms) {
    if (term.kind !== "block") continue;
    for (const { name: setting, values } of term.settings) {
      const [value] = values;
      if (setting.kind === "word" && setting.text === "owner" && value?.kind === "string") {
        const names = value.parts.flatMap((part) => (part.kind === "text" ? part.text.split(":") : []));
        for (const name of names) if (!found.has(name)) found.set(name, value.span);
      }
      ownersIn(values, found);
    }
  }
  return found;
}
