/** Reads `nixpkgs`: the place of the package set, and its options. */
import { defaults, readSettings } from "../types/block.ts";
import { pathText } from "../types/path.ts";
import { packageSetSettings } from "../schema/package-set.ts";
import { codeOf, hintToEscape } from "../types/scalar.ts";
import type { Nixpkgs, PackageSetOptions } from "../schema/spec.ts";
import { describe, type Scope } from "../types/type.ts";
import { nameOf, plainText, type Setting, type Term } from "../syntax/tree.ts";
import type { Module } from "./module.ts";

/** For each option of the package set, the attributes of nixpkgs' `config` that it sets. */
const WRITTEN_BY = {
  "allow-unfree": ["allowUnfree", "allowUnfreePredicate"],
  "allow-insecure": ["permittedInsecurePackages", "allowInsecurePredicate"],
};

/** The package set of the first file that declares one: the checked file, then its imports. */
export function readPackageSet(modules: readonly Module[], scopeOf: (module: Module) => Scope): Nixpkgs {
  const module = modules.find((each) => each.nixpkgs !== undefined);
  if (module?.nixpkgs === undefined) return { place: null, ...defaults(packageSetSettings) };
  const { place, setting } = module.nixpkgs;
  const scope = scopeOf(module);
  const block = setting.values.find((value) => value.kind === "block");
  const owner = { name: "nixpkgs", span: setting.name.span };
  const options = readSettings(block?.settings ?? [], packageSetSettings, scope, owner);
  reportClash(block?.settings ?? [], options, scope);
  return { place: readPlace(place, scope), ...options };
}

function readPlace(term: Term, scope: Scope): Nixpkgs["place"] {
  const flake = plainText(term);
  if (flake !== undefined) return { flake };
  const path = pathText(term);
  if (path !== undefined) return { path: scope.absolute(path) };
  const code = codeOf(term);
  const nix = code && plainText(code);
  if (nix !== undefined) return { nix, directory: scope.directory };
  const expected = "a flake reference, a path or `nix ''…''`";
  scope.report("wrong-type", term.span, { expected, found: describe(term), hint: hintToEscape(code) });
  return null;
}

/** Reports attributes in `config` that an option also sets. Nix code is not parsed: only `name =` is found. */
function reportClash(settings: readonly Setting[], { config }: PackageSetOptions, scope: Scope): void {
  const at = settings.find(({ name }) => nameOf(name) === "config");
  if (config === null || at === undefined) return;
  for (const [option, attributes] of Object.entries(WRITTEN_BY)) {
    const attribute = attributes.find((each) => new RegExp(`(?<![\\w.'-])${each}\\s*=(?!=)`).test(config.nix));
    if (attribute === undefined || !settings.some(({ name }) => nameOf(name) === option)) continue;
    const instead = "write the allowed packages in one of the two only";
    scope.report("conflict", at.span, { name: `config nix ''{ ${attribute} = … }''`, other: option, instead });
  }
}
