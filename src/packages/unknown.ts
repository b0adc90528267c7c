/** Packages that a file names, looked up in the package set. */
import { diagnostic, type Diagnostic } from "../diagnostics/diagnostic.ts";
import { nearest } from "../diagnostics/suggest.ts";
import type { Module } from "../language/index.ts";
import { packageUses, type PackageUse } from "../language/check/package-uses.ts";
import type { PackageName } from "./names.ts";

/** The names in the set at the end of a way; undefined where they are not known. */
export type Lookup = (inside: readonly string[]) => ReadonlyMap<string, PackageName> | undefined;

/** How many near names a message shows. */
const shown = 3;

export interface Found {
  diagnostics: Diagnostic[];
  /** Sets whose names would have to be known to say more. */
  missing: string[][];
}

/** What a file says that the package set does not have. */
export function checkPackages(module: Module, lookup: Lookup): Found {
  const diagnostics: Diagnostic[] = [];
  const missing = new Map<string, string[]>();
  for (const use of packageUses(module)) {
    const { names, way, unknown } = follow(use, lookup);
    if (names === undefined) missing.set(JSON.stringify(way), way);
    else if (unknown !== undefined) {
      const place = { file: module.source.path, span: unknown.span };
      const near = nearestIn(names, unknown.name);
      const [first] = near.map(writtenName);
      const fix = first === undefined ? undefined : { title: `write \`${first}\``, edits: [{ ...place, text: first }] };
      diagnostics.push(diagnostic("unknown-package", place, { name: unknown.name, set: way.join("."), near }, { fix }));
    }
  }
  return { diagnostics, missing: [...missing.values()] };
}

const remembered = new WeakMap<ReadonlyMap<string, PackageName>, Map<string, string[]>>();

/** The near names, found once for each: a package set has tens of thousands, and an editor asks at every keystroke. */
function nearestIn(names: ReadonlyMap<string, PackageName>, name: string): string[] {
  const known = remembered.get(names) ?? new Map<string, string[]>();
  const near = known.get(name) ?? nearest(name, names.keys(), shown);
  known.set(name, near);
  remembered.set(names, known);
  return near;
}

/** The package or set that an attribute path leads to, where that is known. */
export function packageAt(use: PackageUse, lookup: Lookup): PackageName | undefined {
  const { end } = follow(use, lookup);
  return end;
}

/** Goes the way of an attribute path as far as the names are known. */
function follow(use: PackageUse, lookup: Lookup) {
  const way: string[] = [];
  let end: PackageName | undefined;
  for (const part of use) {
    const names = lookup(way);
    const found = names?.get(part.name);
    if (found === undefined) return { way, names, unknown: part, end: undefined };
    end = found;
    // What cannot be evaluated, or is a function, is not looked into.
    if (found.kind === "other") return { way, names, unknown: undefined, end: undefined };
    way.push(part.name);
  }
  return { way, names: new Map<string, PackageName>(), unknown: undefined, end };
}

/** One name of an attribute path, in quotes where it must be. */
export function writtenName(name: string): string {
  return /^[A-Za-z_][\w'-]*$/.test(name) ? name : `"${name}"`;
}
