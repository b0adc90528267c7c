// What a fix of a finding is, and what the fixes have in common.
import type { Diagnostic, Fix } from "../diagnostics/diagnostic.ts";
import type { Module, Span } from "../language/index.ts";

/** A change that resolves a finding. */
export interface Remedy extends Fix {
  /** Whether `check --fix` makes it unasked; the others are for a person to choose from. */
  sure: boolean;
}

/** The remedies of a finding in a file; none where it is not about what the fix is for. */
export type Fixer = (found: Diagnostic, module: Module) => Remedy[];

/** A remedy that replaces one stretch of a file. */
export function replace(module: Module, span: Span, text: string, title: string, sure = true): Remedy {
  return { title, sure, edits: [{ file: module.source.path, span, text }] };
}

/** What to remove so that nothing of a stretch is left: its lines where it has them for itself, else the blanks before it. */
export function removal(text: string, { start, end }: Span): Span {
  const lineStart = text.lastIndexOf("\n", start - 1) + 1;
  const lineEnd = text.indexOf("\n", end);
  const alone =
    /^[ \t]*$/.test(text.slice(lineStart, start)) && /^\s*$/.test(text.slice(end, lineEnd < 0 ? undefined : lineEnd));
  if (alone) return { start: start === 0 ? 0 : lineStart, end: lineEnd < 0 ? text.length : lineEnd + 1 };
  const blanks = /[ \t]*$/.exec(text.slice(lineStart, start))?.[0].length ?? 0;
  return { start: start - blanks, end };
}
