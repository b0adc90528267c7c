// Rules that need more of an image than one setting.
import type { ImageSpec } from "../schema/spec.ts";
import type { Scope } from "../schema/type.ts";
import type { Owner } from "../schema/values.ts";
import type { Span, Term } from "../syntax/tree.ts";
import type { ImageNode } from "./module.ts";

/** Checks an image as a whole. */
export function checkImage(spec: ImageSpec, image: ImageNode, scope: Scope): void {
  // Another image's users are its base's affair; only without a base are all of them known here.
  if (spec.base.kind !== "scratch") return;
  const known = new Set(["root", "nobody", ...spec.users.map((user) => user.name)]);
  const groups = new Set([...known, "nogroup", ...spec.users.flatMap((user) => user.groups)]);
  const owners: Owner[] = [...spec.files, ...spec.permissions].flatMap((each) => each.owner ?? []);
  const missing = new Set<string>();
  if (spec.nix?.user && !known.has(spec.nix.user)) missing.add(spec.nix.user);
  for (const { user, group } of owners) {
    if (typeof user === "string" && !known.has(user)) missing.add(user);
    if (typeof group === "string" && !groups.has(group)) missing.add(group);
  }
  for (const name of missing) scope.report("unknown-user", ownerSpan(image, name), { name });
}

/** Where a name is first said as an owner, or as Nix's user. */
function ownerSpan(image: ImageNode, name: string): Span {
  const find = (term: Term): Span | undefined => {
    if (term.kind !== "block") return undefined;
    for (const setting of term.settings) {
      if (setting.name.kind === "word" && ["owner", "user"].includes(setting.name.text)) {
        const [value] = setting.values;
        const said =
          value?.kind === "string" &&
          value.parts.some((part) => part.kind === "text" && part.text.split(":").includes(name));
        if (value !== undefined && said) return value.span;
      }
      for (const value of setting.values) {
        const found = find(value);
        if (found !== undefined) return found;
      }
    }
    return undefined;
  };
  return image.setting.values.map(find).find((span) => span !== undefined) ?? image.setting.name.span;
}
