/** The names in a package set: asked of Nix once, kept in the user's cache directory. Without Nix nothing is known. */
export type { PackageName } from "./names.ts";
export { Packages, type IndexProgress } from "./packages.ts";
export { checkPackages, packageAt, writtenName, type Lookup } from "./unknown.ts";
