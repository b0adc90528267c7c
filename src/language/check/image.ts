/** Rules about several settings of an image, or about an image and its bases. */
import { removal } from "../../diagnostics/source.ts";
import { CONFLICTS, insteadOf, remedyText } from "../schema/conflicts.ts";
import type { ImageSpec } from "../schema/spec.ts";
import { LAYERS } from "../schema/layers.ts";
import type { Rule, Subject } from "./rule.ts";
import { nameOf, type Setting } from "../syntax/tree.ts";
import { inImage, settingIn } from "./locate.ts";
import { licensesApart } from "./licenses.ts";
import { knownUsers } from "./users.ts";
import { STORE_DIR } from "../../store/store-path.ts";

const RULES: Rule[] = [
  knownUsers,
  layerBudget,
  noConflicts,
  hasEffect,
  groupsOfUsers,
  sharedIds,
  nothingInsideFiles,
  reservedPaths,
  removals,
  licensesApart,
];

/** Applies all rules to an image. */
export function checkImage(subject: Subject): void {
  for (const rule of RULES) rule(subject);
}

/** Named layers, those of the bases included, must fit into `max`. */
function layerBudget({ spec, chain, image, scope }: Subject): void {
  const named = ({ layers }: ImageSpec): number => layers.steps.filter((step) => step.kind === "layer").length;
  const all = chain.reduce((sum, each) => sum + named(each), 0);
  const { max } = spec.layers;
  const limit = typeof max === "number" ? max : scope.argument(max.param);
  if (typeof limit !== "number") return;
  if (limit > LAYERS.docker)
    scope.report("too-many-for-docker", inImage(image, ["layers", "max"]), { max: limit, docker: LAYERS.docker });
  if (all <= limit) return;
  scope.report("too-many-layers", inImage(image, ["layers", "max"]), {
    max: limit,
    named: all,
    below: all - named(spec),
  });
}

/** Warns of two users with the same uid, or two groups with the same gid: each owns the other's files. */
function sharedIds({ spec, chain, image, scope }: Subject): void {
  /** `ids`: the ids of all names, those of the bases included. */
  const report = (setting: "users" | "groups", id: "uid" | "gid", ids: ReadonlyMap<string, number>): void => {
    const values = new Set(ids.values());
    if (values.size === ids.size) return;
    const named = Map.groupBy(ids.keys(), (name) => ids.get(name));
    const positions = new Map(spec[setting].map(({ name }, i) => [name, i]));
    for (const [i, { name }] of spec[setting].entries()) {
      const value = ids.get(name);
      const other = value === undefined ? undefined : named.get(value)?.find((each) => each !== name);
      // Of two entries of one image, the later one is reported.
      if (other === undefined || value === undefined || (positions.get(other) ?? -1) > i) continue;
      scope.report("shared-id", inImage(image, [setting, name]), { name, other, id, value });
    }
  };
  if (spec.users.length > 0) {
    const ids = new Map(BUILT_IN_USERS);
    for (const { users } of chain.toReversed()) for (const { name, uid } of users) ids.set(name, uid);
    report("users", "uid", ids);
  }
  if (spec.groups.length > 0) {
    const ids = new Map<string, number>();
    for (const { groups } of chain.toReversed()) for (const { name, gid } of groups) ids.set(name, gid);
    report("groups", "gid", ids);
  }
}

const BUILT_IN_USERS: ReadonlyMap<string, number> = new Map([
  ["root", 0],
  ["nobody", 65534],
]);

/** Rejects settings that exclude each other. */
function noConflicts({ spec, image, scope }: Subject): void {
  for (const conflict of CONFLICTS) {
    const { path, setting: name, otherPath, other, remedies, isIn } = conflict;
    if (!isIn(spec) || (otherPath[0] === "base" && hasUnreadBase({ spec, image }))) continue;
    const choices = remedies.flatMap((remedy) => {
      const changed = settingIn(image, remedy.path);
      if (changed === undefined) return [];
      const { path: file, text } = image.module.source;
      const span = remedy.text === undefined ? removal(text, changed.span) : changed.span;
      return [{ title: remedyText(conflict, remedy), edits: [{ file, span, text: remedy.text ?? "" }] }];
    });
    scope.report("conflict", inImage(image, [...path]), { name, other, instead: insteadOf(conflict) }, { choices });
  }
  for (const file of spec.files) {
    if (file.kind !== "copy" || !("attribute" in file.source)) continue;
    const setting = file.exclude.length > 0 ? "exclude" : file.all ? "all" : undefined;
    if (setting === undefined) continue;
    scope.report("conflict", inImage(image, ["files", file.path, setting]), {
      name: setting,
      other: `copy ${file.source.attribute.join(".")}`,
      instead: "a package is copied whole; copy its folders one by one",
    });
  }
}

/** Whether a base is written, but has an error: then the spec has no base. */
function hasUnreadBase({ spec, image }: Pick<Subject, "spec" | "image">): boolean {
  const [kind] = settingIn(image, ["base"])?.values ?? [];
  return spec.base.kind === "scratch" && kind !== undefined && !(kind.kind === "word" && kind.text === "scratch");
}

/** Warns of permissions without attributes, and of settings that the image format ignores. */
function hasEffect({ spec, image, scope }: Subject): void {
  for (const { glob, mode, owner, capabilities } of spec.permissions) {
    // If the block is not empty, one of its settings has an error.
    const [block] = settingIn(image, ["permissions", glob])?.values ?? [];
    const isEmpty = block?.kind !== "block" || block.settings.every(hasNoCapabilities);
    if (isEmpty && mode === null && owner === null && capabilities.length === 0)
      scope.report("empty-rule", inImage(image, ["permissions", glob]), { glob });
  }
  if (spec.config.healthcheck !== null && spec.manifest === "oci")
    scope.report("lost-healthcheck", inImage(image, ["config", "healthcheck"]), {});
}

/** Whether a setting is `capabilities` with an empty list. */
function hasNoCapabilities({ name, values: [list] }: Setting): boolean {
  return nameOf(name) === "capabilities" && !(list?.kind === "list" && list.items.length > 0);
}

/** A group with the name of a user must have the user's group ID. */
function groupsOfUsers({ spec, chain, image, scope }: Subject): void {
  if (spec.groups.length === 0) return;
  const users = new Map(
    [{ name: "root", gid: 0 }, ...chain.flatMap((each) => each.users)].map((user) => [user.name, user]),
  );
  for (const { name, gid } of spec.groups) {
    const user = users.get(name);
    if (user === undefined || user.gid === gid) continue;
    scope.report("conflict", inImage(image, ["groups", name]), {
      name: `groups { ${name} { gid ${gid} } }`,
      other: `users { ${name} { gid ${user.gid} } }`,
      instead: "the group of a user has the same name, so give both the same id",
    });
  }
}

/** `remove` applies only to files of the base. */
function removals({ spec, image, isFromScratch, scope }: Subject): void {
  for (const { kind, path } of spec.files) {
    if (kind !== "remove") continue;
    const inStore = path === "/nix" || path === STORE_DIR || path.startsWith(`${STORE_DIR}/`);
    const report = (reason: string): void =>
      scope.report("bad-removal", inImage(image, ["files", path, "remove"]), { path, reason });
    if (spec.base.kind === "scratch" && !isFromScratch) continue;
    if (spec.base.kind === "scratch") report("the image has no base to remove files from; delete this entry");
    else if (path === "/")
      report("that would remove the whole base, and an image without files of a base needs no `base`");
    else if (inStore) report("store paths belong to packages of the base; remove the packages there");
  }
}

/**
 * Rejects names that start with `.wh.`, which a layer reads as whiteouts, and paths in the store, where only packages
 * may be.
 */
function reservedPaths({ spec, image, scope }: Subject): void {
  for (const { kind, path } of spec.files) {
    if (kind === "remove") continue;
    const report = (reason: string): void =>
      scope.report("reserved-path", inImage(image, ["files", path]), { path, reason });
    if (path.startsWith(`${STORE_DIR}/`)) report("the store contains packages only; name a package in `store`");
    else if (path.startsWith(".wh.") || path.includes("/.wh.")) {
      report("a name that starts with `.wh.` removes another file in a layer; use another name");
    }
  }
}

function nothingInsideFiles({ spec, image, scope }: Subject): void {
  if (spec.files.length < 2) return;
  const files = new Set(spec.files.filter(({ kind }) => kind === "text" || kind === "link").map(({ path }) => path));
  for (const { path } of spec.files) {
    for (let end = path.indexOf("/", 1); end > 0; end = path.indexOf("/", end + 1)) {
      const outer = path.slice(0, end);
      if (!files.has(outer)) continue;
      scope.report("inside-file", inImage(image, ["files", path]), { path, outer });
      break;
    }
  }
}
