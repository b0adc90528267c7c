/** The type of comparisons with an amount. */
import { inOrder, oneOf, exact } from "./form.ts";
import type { DiagnosticDetails } from "../../diagnostics/diagnostic.ts";
import { between, type Term } from "../syntax/tree.ts";
import { replacement, termText } from "./scalar.ts";
import { isIncomplete, type Cursor, type Scope, type Type } from "./type.ts";
import { boundSchema, type Amount, type Bound } from "./values.ts";

const OPERATORS = ["<=", "<", "==", ">=", ">"] as const;

/** A comparison, such as `<= 80`. */
export function bound(value: Type<Amount>): Type<Bound> {
  const label = `a comparison, such as \`<=\`, and ${value.label}`;
  return {
    label,
    form: inOrder(oneOf(...OPERATORS.map(exact)), value.form),
    schema: boundSchema,
    isBound: true,
    ...(value.rules === undefined ? {} : { rules: value.rules }),
    starts: (term) => term.kind === "operator",
    take(terms, at) {
      const comparison = terms[at]?.kind === "operator" ? 1 : 0;
      return comparison + value.take(terms, at + comparison);
    },
    isIncomplete(terms, at) {
      return terms[at]?.kind !== "operator" || isIncomplete(value, terms, at + 1);
    },
    read(cursor: Cursor, scope: Scope) {
      const term = cursor.next;
      const at = cursor.index;
      const operator = term?.kind === "operator" ? OPERATORS.find((known) => known === term.text) : undefined;
      if (operator === undefined) {
        cursor.index = cursor.terms.length;
        const expected = "a comparison: `<=`, `<`, `==`, `>=` or `>`";
        const details = comparisonFor(term, cursor.terms[at + 1], scope);
        scope.report("missing-value", term?.span ?? cursor.end, { name: termText(cursor.owner), expected }, details);
        return undefined;
      }
      cursor.index += 1;
      const amount = value.read(cursor, scope);
      return amount === undefined ? undefined : { operator, value: amount };
    },
  };
}

/** The changes that make a comparison: `=<` is turned around, and before a number, `<=` is the likeliest one. */
function comparisonFor(term: Term | undefined, next: Term | undefined, scope: Scope): DiagnosticDetails {
  if (term?.kind === "operator" && term.text === "=" && next?.kind === "operator" && /^[<>]$/.test(next.text))
    return { fix: replacement(scope, between(term.span, next.span), `${next.text}=`) };
  if (term?.kind === "operator" && term.text === "=")
    return { choices: [replacement(scope, term.span, "<="), replacement(scope, term.span, "==")] };
  if (term?.kind !== "literal") return {};
  const edit = { file: scope.file, span: { start: term.span.start, end: term.span.start }, text: "<= " };
  return { choices: [{ title: "add `<=`", edits: [edit] }] };
}
