/** Finds the definition, the references and the highlights of the name at an offset. */
import type { Place } from "../diagnostics/diagnostic.ts";
import type { Module } from "../language/index.ts";
import { isSame, occurrenceAt, occurrences } from "./names.ts";

/** The place of a name's declaration. */
export function definition(root: Module, offset: number): Place | undefined {
  return occurrenceAt(root, offset)?.named.declared;
}

/** The places of a name in all given files. `declaration`: whether to include the declaration. */
export function references(root: Module, offset: number, files: Iterable<Module>, declaration: boolean): Place[] {
  const at = occurrenceAt(root, offset);
  if (at === undefined) return [];
  return [...files].flatMap((module) =>
    [...occurrences(module)]
      .filter(({ named, declares }) => isSame(named, at.named) && (declaration || !declares))
      .map(({ span }) => ({ file: module.source.path, span })),
  );
}

/** The places of a name in one file. */
export function highlights(root: Module, offset: number): { span: Place["span"]; declares: boolean }[] {
  const at = occurrenceAt(root, offset);
  return at === undefined ? [] : [...occurrences(root)].filter(({ named }) => isSame(named, at.named));
}
