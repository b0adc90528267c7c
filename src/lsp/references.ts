// Where a name is declared and used: definition, references, highlights.
import type { Place } from "../diagnostics/diagnostic.ts";
import type { Module } from "../language/index.ts";
import { isSame, occurrenceAt, occurrences } from "./names.ts";

/** Where the name at an offset is declared. */
export function definition(root: Module, offset: number): Place | undefined {
  return occurrenceAt(root, offset)?.named.declared;
}

/** All places in these files, each with what it imports, that say the name at an offset. */
export function references(root: Module, offset: number, files: Iterable<Module>, declaration: boolean): Place[] {
  const at = occurrenceAt(root, offset);
  if (at === undefined) return [];
  return [...files].flatMap((module) =>
    [...occurrences(module)]
      .filter(({ named, declares }) => isSame(named, at.named) && (declaration || !declares))
      .map(({ span }) => ({ file: module.source.path, span })),
  );
}

/** The places in one file that say the name at an offset. */
export function highlights(root: Module, offset: number): { span: Place["span"]; declares: boolean }[] {
  const at = occurrenceAt(root, offset);
  return at === undefined ? [] : [...occurrences(root)].filter(({ named }) => isSame(named, at.named));
}
