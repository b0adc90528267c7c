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
/** Limit of names that are compared with the misspelt names of a file, a hundred times as many as nixpkgs has. */
const MAX_COMPARISONS = 10_000_000;

export interface PackageCheck {
  diagnostics: Diagnostic[];
  /** The attribute paths of sets whose names are not known, but needed to check further. */
  missing: string[][];
  /** The attribute paths of names that are not packages. */
  wrong: string[][];
}

/** Reports names of a file that the package set does not have, or that are not packages. */
export function checkPackages(module: Module, lookup: Lookup): PackageCheck {
  const diagnostics: Diagnostic[] = [];
  const missing = new Map<string, string[]>();
  const wrong: string[][] = [];
  const misspelt = new Set<string>();
  let comparisons = 0;
  for (const use of packageUses(module)) {
    const { names, set, unknown, last } = follow(use, lookup);
    const found = last === undefined ? undefined : notAPackage(use, last, module);
    if (found !== undefined) {
      wrong.push(use.slice(0, last?.count).map(({ name }) => name));
      diagnostics.push(found);
    }
    if (names === undefined) missing.set(JSON.stringify(set), set);
    else if (unknown !== undefined) {
      const place = { file: module.source.path, span: unknown.span };
      if (!misspelt.has(unknown.name)) comparisons += names.size;
      misspelt.add(unknown.name);
      const near = comparisons <= MAX_COMPARISONS ? nearestIn(names, unknown.name) : [];
      const [first] = near.map(attributeText);
      const fix = first === undefined ? undefined : { title: `write \`${first}\``, edits: [{ ...place, text: first }] };
      diagnostics.push(diagnostic("unknown-package", place, { name: unknown.name, set: set.join("."), near }, { fix }));
    }
  }
  return { diagnostics, missing: [...missing.values()], wrong };
}

/** The last known name of an attribute path, and the number of names up to it. */
interface Last {
  about: PackageName;
  count: number;
}

/** The diagnostic of a name that is a set, a function or a failing value, not a package. */
function notAPackage(use: PackageUse, { about, count }: Last, { source }: Module): Diagnostic | undefined {
  const parts = use.slice(0, count);
  const [first, end] = [parts[0], parts.at(-1)];
  if (first === undefined || end === undefined) return undefined;
  const place = { file: source.path, span: { start: first.span.start, end: end.span.end } };
  const name = parts.map((part) => attributeText(part.name)).join(".");
  if (about.other === "failure") {
    const message = "the package set throws an error, which `imgc build` shows";
    return diagnostic("failing-package", place, { name, message });
  }
  const kind = about.kind === "set" ? "set" : about.other;
  if (count < use.length || kind === undefined) return undefined;
  return diagnostic("not-a-package", place, { name, kind, parameters: [] });
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
  for (const [i, part] of use.entries()) {
    const names = lookup(set);
    const found = names?.get(part.name);
    if (found === undefined) return { set, names, unknown: part, end: undefined, last: undefined };
    end = found;
    // The attributes of functions, other values and failing packages are not known.
    if (found.kind === "other")
      return { set, names, unknown: undefined, end: undefined, last: { about: found, count: i + 1 } };
    set.push(part.name);
  }
  const last = end && { about: end, count: use.length };
  return { set, names: new Map<string, PackageName>(), unknown: undefined, end, last };
}

/** One name of an attribute path, in quotes if necessary. */
export function attributeText(name: string): string {
  return /^[A-Za-z_][\w'-]*$/.test(name) ? name : `"${name}"`;
}
