/** Opens the index of a spec's package set, for commands that look up packages. */
import { dirname, join, resolve } from "node:path";
import { compilePackageSet } from "../compile/index.ts";
import type { Nixpkgs } from "../language/index.ts";
import { Packages, type IndexProgress } from "../packages/index.ts";
import { functionsPath } from "./compile.ts";
import { readLock } from "./lock-file.ts";
import { entryOf } from "../lock/pins.ts";

/** Indexes by expression of the package set, so that each is read once. */
const opened = new Map<string, Packages>();

export interface PackageLookupOptions {
  /** A package set that replaces the file's. */
  nixpkgs?: string | undefined;
  onProgress?: IndexProgress;
}

/** Undefined if the set is a flake reference without a pin in the lock. */
export function packageSetOf(
  file: string,
  nixpkgs: Nixpkgs,
  { nixpkgs: given, onProgress }: PackageLookupOptions = {},
): Packages | undefined {
  const functions = functionsPath();
  const lock = readLock(file);
  const { place } = nixpkgs;
  const isPinned = place === null || !("flake" in place) || entryOf(lock.nixpkgs, place.flake) !== undefined;
  if (given === undefined && !isPinned) return undefined;
  const options = { functions, lock, directory: dirname(resolve(file)), nixpkgs: given && resolve(given) };
  const expression = compilePackageSet({ nixpkgs }, options);
  const packages = opened.get(expression) ?? new Packages(join(functions, "package-names.nix"), expression, onProgress);
  opened.set(expression, packages);
  return packages;
}
