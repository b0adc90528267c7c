/** Finds the SPDX identifiers that a name such as `gplv3`, `apache2` or nixpkgs' `lgpl21Plus` means. */
import { LICENSE_IDS } from "./license.ts";

const REPLACED: [RegExp, string][] = [
  [/affero general public/, "agpl"],
  [/(?:lesser|library) general public/, "lgpl"],
  [/general public/, "gpl"],
  [/mozilla public/, "mpl"],
  [/^asl(?=\W*\d)|apache software/, "apache"],
  [/plus$|\+$/, "orlater"],
  [/\b(?:the|gnu|licen[cs]e|version)\b|v(?:er)?(?=\W*\d)/g, ""],
  [/[^a-z0-9]/g, ""],
  // `2.0`, `20` and `2` are the same version.
  [/(?<=[1-9])0(?!\d)/g, ""],
];

/** A key that is equal for a name and an identifier of the same licence. */
function keyOf(name: string): string {
  return REPLACED.reduce((text, [pattern, instead]) => text.replace(pattern, instead), name.toLowerCase());
}

/** The identifiers of the licence with this name; more than one if the name leaves open whether later versions are allowed. */
export function likelyIds(name: string): string[] {
  const key = keyOf(name);
  for (const endings of [[""], ["only", "orlater"], ["clause"]]) {
    const found = LICENSE_IDS.filter((id) => endings.some((ending) => keyOf(id) === key + ending));
    if (found.length === endings.length) return found;
  }
  return [];
}
