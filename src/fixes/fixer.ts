/** The type of a fixer, and helpers to make fixes. */
import type { Diagnostic, Fix } from "../diagnostics/diagnostic.ts";
import type { Module, Setting, Span } from "../language/index.ts";

/** A fix as editors offer it. */
export interface OfferedFix extends Fix {
  /** Whether `check --fix` applies the fix; the user chooses among other fixes. */
  isSafe: boolean;
}

/** The fixes of a diagnostic in a file; empty if the fixer is for other diagnostics. */
export type Fixer = (found: Diagnostic, module: Module) => OfferedFix[];

/** A fix that replaces one span of a file. */
export function replace(module: Module, span: Span, text: string, title: string, isSafe = true): OfferedFix {
  return { title, isSafe, edits: [{ file: module.source.path, span, text }] };
}

/** The separator before a new setting after `last`: a line break with its indentation if `last` starts a line, else a blank. */
export function separatorBefore({ span }: Setting, text: string): string {
  const before = /\n[ \t]*$/.exec(text.slice(0, span.start))?.[0];
  return before ?? " ";
}
