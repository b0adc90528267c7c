/** Applies edits to a text. */
import type { Span } from "../language/index.ts";

export interface Edit {
  span: Span;
  text: string;
}

/** Edits of a text that do not overlap, in the order of the text. */
export class Edits {
  readonly sorted: Edit[] = [];

  /** Adds all of these edits, or none if one of them overlaps an edit that was added before. */
  add(...edits: readonly Edit[]): boolean {
    if (edits.some((edit) => this.#overlaps(edit))) return false;
    for (const edit of edits) this.sorted.splice(this.#position(edit.span.start), 0, edit);
    return true;
  }

  #overlaps({ span }: Edit): boolean {
    const next = this.#position(span.start);
    return [this.sorted[next - 1], this.sorted[next]].some((other) => other && overlaps(span, other.span));
  }

  /** The index of the first edit that starts at or after an offset. */
  #position(offset: number): number {
    let [low, high] = [0, this.sorted.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.sorted[middle] as Edit).span.start < offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Returns the text after the edits. Of edits that overlap, only the first in the list is applied. */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  const made = new Edits();
  for (const edit of edits) made.add(edit);
  let result = "";
  let at = 0;
  for (const { span, text: inserted } of made.sorted) {
    result += text.slice(at, span.start) + inserted;
    at = span.end;
  }
  return result + text.slice(at);
}

/** Whether two edits exclude each other. Two edits at the same offset do, since their order would be unclear. */
function overlaps(left: Span, right: Span): boolean {
  return left.start === right.start || (left.start < right.end && right.start < left.end);
}
