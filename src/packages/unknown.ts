/** Looks up the packages of a file in the package set, and reports unknown names. */
import { diagnostic, type Diagnostic } from "../diagnostics/diagnostic.ts";
import { nearest } from "../diagnostics/suggest.ts";
import type { Module } from "../language/index.ts";
import { packageUses, type PackageUse } from "../language/check/package-uses.ts";
import type { PackageName } from "./names.ts";

/** The names in the set at an attribute path; undefined if they are not known. */
export type Lookup = (inside: readonly string[]) => ReadonlyMap<string, PackageName> | undefined;

/** The number of similar names in a message. */
const MAX_SIMILAR = 3;

export interface PackageCheck {
  diagnostics: Diagnostic[];
  /** The attribute paths of sets whose names are not known, but needed to check further. */
  missing: string[][];
}

/** Reports the package names of a file that the package set does not have. */
export function checkPackages(module: Module, lookup: Lookup): PackageCheck {
  const diagnostics: Diagnostic[] = [];
  const missing = new Map<string, string[]>();
  for (const use of packageUses(module)) {
    const { names, set, unknown } = follow(use, lookup);
    if (names === undefined) missing.set(JSON.stringify(set), set);
    else if (unknown !== undefined) {
      const place = { file: module.source.path, span: unknown.span };
      const near = nearestIn(names, unknown.name);
      const [first] = near.map(writtenName);
      const fix = first === undefined ? undefined : { title: `write \`${first}\``, edits: [{ ...place, text: first }] };
      diagnostics.push(diagnostic("unknown-package", place, { name: unknown.name, set: set.join("."), near }, { fix }));
    }
  }
  return { diagnostics, missing: [...missing.values()] };
}

const nearNames = new WeakMap<ReadonlyMap<string, PackageName>, Map<string, string[]>>();

/** Similar names, cached: a package set has tens of thousands of names, and an editor checks at every keystroke. */
function nearestIn(names: ReadonlyMap<string, PackageName>, name: string): string[] {
  const known = nearNames.get(names) ?? new Map<string, string[]>();
  const near = known.get(name) ?? nearest(name, names.keys(), MAX_SIMILAR);
  known.set(name, near);
  nearNames.set(names, known);
  return near;
}

/** The package or set at an attribute path; undefined if it is not known. */
export function packageAt(use: PackageUse, lookup: Lookup): PackageName | undefined {
  const { end } = follow(use, lookup);
  return end;
}

/** Follows an attribute path as far as the names are known. `set`: the path of the last set that was looked up. */
function follow(use: PackageUse, lookup: Lookup) {
  const set: string[] = [];
  let end: PackageName | undefined;
  for (const part of use) {
    const names = lookup(set);
    const found = names?.get(part.name);
    if (found === undefined) return { set, names, unknown: part, end: undefined };
    end = found;
    // The attributes of functions, other values and failing packages are not known.
    if (found.kind === "other") return { set, names, unknown: undefined, end: undefined };
    set.push(part.name);
  }
  return { set, names: new Map<string, PackageName>(), unknown: undefined, end };
}

/** One name of an attribute path, in quotes if necessary. */
export function writtenName(name: string): string {
  return /^[A-Za-z_][\w'-]*$/.test(name) ? name : `"${name}"`;
}
