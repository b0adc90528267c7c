/** Walks the syntax tree. The parser limits its depth, so recursion is safe. */
import type { Setting, Term } from "../language/index.ts";

/** All names and values of settings in the order of the text, a bracket before its contents. */
export function* terms(within: readonly Setting[]): Generator<Term> {
  for (const { name, values } of within) {
    yield name;
    yield* termsOf(values);
  }
}

function* termsOf(values: readonly Term[]): Generator<Term> {
  for (const value of values) {
    yield value;
    if (value.kind === "list") yield* termsOf(value.items);
    else if (value.kind === "block") yield* terms(value.settings);
    else if (value.kind === "expression") yield value.string;
  }
}
