/** The ranges that an editor selects when the user extends a selection. */
import type { Module, Setting, Span, Term } from "../language/index.ts";

/** The ranges around an offset, the innermost first; each lies within the next. */
export function selections({ document, source: { text } }: Module, offset: number): Span[] {
  const found: Span[] = [];

  function add(span: Span): void {
    const last = found.at(-1);
    if (last === undefined || span.start > last.start || span.end < last.end) found.push(span);
  }

  /** The text between the brackets or quotes of a term. */
  function addInside({ start, end }: Span, marks: number): void {
    const inside = text.slice(start + marks, end - marks);
    const trimmed = inside.trim();
    if (trimmed === "") return;
    const from = start + marks + inside.indexOf(trimmed);
    if (from <= offset && offset <= from + trimmed.length) add({ start: from, end: from + trimmed.length });
  }

  const holds = ({ span }: { span: Span }) => span.start <= offset && offset <= span.end;

  function visit(term: Term): void {
    add(term.span);
    if (term.kind === "string") addInside(term.span, text.startsWith("''", term.span.start) ? 2 : 1);
    if (term.kind === "list" || term.kind === "block") addInside(term.span, 1);
    if (term.kind === "list") term.items.filter(holds).slice(-1).forEach(visit);
    if (term.kind === "block") visitSettings(term.settings);
    if (term.kind === "expression" && holds(term.string)) visit(term.string);
  }

  function visitSettings(settings: readonly Setting[]): void {
    // Between two settings without space, the offset belongs to the second.
    const setting = settings.findLast(holds);
    if (setting === undefined) return;
    add(setting.span);
    const term = [setting.name, ...setting.values].findLast(holds);
    if (term !== undefined) visit(term);
  }

  add({ start: 0, end: text.length });
  visitSettings(document.settings);
  return found.toReversed();
}
