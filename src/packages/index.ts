/** The names in a package set, which Nix lists once and the user's cache directory keeps. Without Nix no names are known. */
export type { PackageName } from "./names.ts";
export { Packages, type IndexProgress } from "./packages.ts";
export { checkPackages, attributeText, type Lookup } from "./unknown.ts";
