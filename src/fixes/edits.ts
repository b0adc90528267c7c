/** Applies edits to a text. */
import type { Span } from "../language/index.ts";

export interface Edit {
  span: Span;
  text: string;
}

/** Returns the text after the edits. Of edits that overlap, only the first in the list is applied. */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  const made: Edit[] = [];
  for (const edit of edits) if (!made.some((other) => overlaps(edit.span, other.span))) made.push(edit);
  let result = "";
  let at = 0;
  for (const { span, text: inserted } of made.toSorted((left, right) => left.span.start - right.span.start)) {
    result += text.slice(at, span.start) + inserted;
    at = span.end;
  }
  return result + text.slice(at);
}

/** Whether two edits exclude each other. Two edits at the same offset do, since their order would be unclear. */
export function overlaps(left: Span, right: Span): boolean {
  return left.start === right.start || (left.start < right.end && right.start < left.end);
}
