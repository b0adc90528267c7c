/** The names in the package set of a spec, for the commands that look packages up. */
import { dirname, join, resolve } from "node:path";
import { compilePackageSet } from "../compile/index.ts";
import type { Nixpkgs } from "../language/index.ts";
import { Packages } from "../packages/index.ts";
import { functionsPath } from "./compile-file.ts";
import { readLock } from "./lock-file.ts";

/** One for each expression, so that its index is read once. */
const opened = new Map<string, Packages>();

/** Undefined where the set is a flake reference, which only a build can fetch. */
export function packageSetOf(file: string, nixpkgs: Nixpkgs): Packages | undefined {
  if (nixpkgs !== null && "flake" in nixpkgs) return undefined;
  const functions = functionsPath();
  const options = { functions, lock: readLock(file), directory: dirname(resolve(file)) };
  const expression = compilePackageSet({ nixpkgs }, options);
  const packages = opened.get(expression) ?? new Packages(join(functions, "package-names.nix"), expression);
  opened.set(expression, packages);
  return packages;
}
