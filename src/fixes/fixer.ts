/** The type of a fixer, and helpers to make fixes. */
import type { Diagnostic, Fix } from "../diagnostics/diagnostic.ts";
import type { Module, Span } from "../language/index.ts";

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

/** Extends a span to remove: to whole lines if nothing else is on them, otherwise over the blanks before it. */
export function removal(text: string, { start, end }: Span): Span {
  const lineStart = text.lastIndexOf("\n", start - 1) + 1;
  const lineEnd = text.indexOf("\n", end);
  const alone =
    /^[ \t]*$/.test(text.slice(lineStart, start)) && /^\s*$/.test(text.slice(end, lineEnd < 0 ? undefined : lineEnd));
  if (alone) return { start: start === 0 ? 0 : lineStart, end: lineEnd < 0 ? text.length : lineEnd + 1 };
  const blanks = /[ \t]*$/.exec(text.slice(lineStart, start))?.[0].length ?? 0;
  return { start: start - blanks, end };
}
