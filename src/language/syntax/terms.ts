/** Terms before the schema divides blocks into settings. */
import { between, type Span, type Term } from "./tree.ts";

/** A term whose blocks are not yet divided into settings. */
export type RawTerm = Exclude<Term, { kind: "block" } | { kind: "list" }> | RawList | RawBlock;

/** A list. `terms`: its items, and the blocks among them. */
interface RawList {
  kind: "list";
  items: Term[];
  terms: RawTerm[];
  span: Span;
}

interface RawBlock {
  kind: "braces";
  terms: RawTerm[];
  span: Span;
}

/** Joins `nix` or `path` at `index` with the string after it; undefined if the terms there are not such a pair. */
export function expressionAt(terms: readonly RawTerm[], index: number): RawTerm | undefined {
  const word = terms[index];
  if (word === undefined || !startsExpression(word)) return undefined;
  const string = terms[index + 1];
  if (string?.kind !== "string") return undefined;
  return { kind: "expression", word: word.text, string, span: between(word.span, string.span) };
}

/** Whether a term is a word that a string may follow. */
export function startsExpression(term: RawTerm): term is RawTerm & { kind: "word"; text: "nix" | "path" } {
  return term.kind === "word" && (term.text === "nix" || term.text === "path");
}

/** The terms from `start` to `end`, with `nix` and `path` joined to their strings. */
export function joined(terms: readonly RawTerm[], start = 0, end = terms.length): RawTerm[] {
  const some = terms.slice(start, end);
  if (!some.some(startsExpression)) return some;
  let length = 0;
  for (let index = 0; index < some.length; index += 1) {
    const expression = expressionAt(some, index);
    some[length] = expression ?? (some[index] as RawTerm);
    length += 1;
    if (expression !== undefined) index += 1;
  }
  some.length = length;
  return some;
}
