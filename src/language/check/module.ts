/** The declarations of each file in a check, and the lookup of names in a file and its imports. */
import type { Diagnostic } from "../../diagnostics/diagnostic.ts";
import { suggest } from "../../diagnostics/suggest.ts";
import type { Document, Setting, Source, Span, Term } from "../syntax/tree.ts";
import type { ParamSpec } from "../types/values.ts";

/** The language's access to files. */
export interface Host {
  read(path: string): string | undefined;
  exists(path: string): boolean;
  /** Resolves symbolic links; without this function, paths are not resolved. */
  realPath?(path: string): string;
}

/** A `let` or a `param`. */
export interface Binding {
  name: string;
  nameSpan: Span;
  module: Module;
  setting: Setting;
  /** Undefined if the declaration is invalid. Uses of such a binding are not reported as unknown. */
  meaning: { kind: "let"; term: Term } | { kind: "param"; param: ParamSpec } | undefined;
  used: boolean;
}

/** The declaration of an image. */
export interface ImageNode {
  name: string;
  nameTerm: Term;
  setting: Setting;
  module: Module;
}

/** The declaration of the package set. */
export interface PackageSetNode {
  place: Term;
  setting: Setting;
}

export interface Module {
  source: Source;
  /** The absolute path of the file's folder. */
  directory: string;
  document: Document;
  bindings: Map<string, Binding>;
  images: Map<string, ImageNode>;
  imports: { module: Module; span: Span }[];
  nixpkgs: PackageSetNode | undefined;
}

/** The state that all files of one check share. */
export interface Session {
  /** The values of parameters that the caller gives, as text, by name. */
  params: ReadonlyMap<string, string>;
  /** The value of each parameter, by name: the caller's value, or else the default. */
  arguments: Map<string, string | number | null>;
  diagnostics: Diagnostic[];
  sources: Map<string, Source>;
  modules: Map<string, Module>;
  /** The number of references that may still be resolved. The limit stops nested bindings that expand exponentially. */
  budget: number;
  exhausted: boolean;
  /** The number of names that may still be compared with misspelt ones, for suggestions. */
  comparisons: number;
  /** Places at which unknown names were already reported. */
  unknown: Set<string>;
}

/** A file and all files that it imports, directly or indirectly, each once. */
export function visible(root: Module): Module[] {
  const seen = new Set([root]);
  for (const module of seen) for (const { module: imported } of module.imports) seen.add(imported);
  return [...seen];
}

/** Finds a binding by its name. The file's own bindings come before imported ones. */
export function lookUp(root: Module, name: string): Binding | undefined {
  const local = root.bindings.get(name);
  if (local !== undefined) return local;
  for (const module of visible(root)) {
    const found = module.bindings.get(name);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The name of a binding or an image, in a file and its imports, that is most similar to a misspelt name. */
export function similarName(
  root: Module,
  kind: "bindings" | "images",
  name: string,
  session: Session,
): string | undefined {
  const modules = visible(root);
  const count = modules.reduce((sum, each) => sum + each[kind].size, 0);
  if (count > session.comparisons) return undefined;
  session.comparisons -= count;
  return suggest(
    name,
    modules.flatMap((each) => [...each[kind].keys()]),
  );
}

/** Finds an image by its name, in a file and its imports. */
export function lookUpImage(root: Module, name: string): ImageNode | undefined {
  for (const module of visible(root)) {
    const found = module.images.get(name);
    if (found !== undefined) return found;
  }
  return undefined;
}
