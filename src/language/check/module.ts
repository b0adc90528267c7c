// One file of a check: what it declares, and what it sees through its imports.
import type { Diagnostic } from "../../diagnostics/diagnostic.ts";
import type { Document, Setting, Source, Span, Term } from "../syntax/tree.ts";
import type { ParamSpec } from "../types/values.ts";

/** What the language may ask of the world. */
export interface Host {
  read(path: string): string | undefined;
  exists(path: string): boolean;
  /** Resolves symbolic links; without this function, paths stay as written. */
  realPath?(path: string): string;
}

/** A `let` or a `param`. */
export interface Binding {
  name: string;
  nameSpan: Span;
  module: Module;
  setting: Setting;
  /** Undefined when the declaration itself was wrong; uses of it are then silent. */
  meaning: { kind: "let"; term: Term } | { kind: "param"; param: ParamSpec } | undefined;
  used: boolean;
}

/** An image as declared. */
export interface ImageNode {
  name: string;
  nameTerm: Term;
  setting: Setting;
  module: Module;
}

/** The package set as declared. */
export interface PackageSetNode {
  place: Term;
  setting: Setting;
}

export interface Module {
  source: Source;
  /** The absolute path of its folder. */
  directory: string;
  document: Document;
  bindings: Map<string, Binding>;
  images: Map<string, ImageNode>;
  imports: { module: Module; span: Span }[];
  nixpkgs: PackageSetNode | undefined;
}

/** What all files of one check share. */
export interface Session {
  /** Values of parameters from the caller, as written. */
  params: ReadonlyMap<string, string>;
  /** Each parameter with that value, or its default. */
  arguments: Map<string, string | number | null>;
  diagnostics: Diagnostic[];
  sources: Map<string, Source>;
  modules: Map<string, Module>;
  /** How many more names may be followed; bounds what a few nested lets can blow up to. */
  budget: number;
  exhausted: boolean;
  /** Where unknown names were already reported. */
  unknown: Set<string>;
}

/** All files that a file sees, itself first, each once. */
export function visible(root: Module): Module[] {
  const seen = new Set([root]);
  for (const module of seen) for (const { module: imported } of module.imports) seen.add(imported);
  return [...seen];
}

/** The binding a name means in a file: its own before an imported one. */
export function lookUp(root: Module, name: string): Binding | undefined {
  const own = root.bindings.get(name);
  if (own !== undefined) return own;
  for (const module of visible(root)) {
    const found = module.bindings.get(name);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The image a name means in a file. */
export function lookUpImage(root: Module, name: string): ImageNode | undefined {
  for (const module of visible(root)) {
    const found = module.images.get(name);
    if (found !== undefined) return found;
  }
  return undefined;
}
