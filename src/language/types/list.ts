/** Lists of one type. In a list, a `$name` that is bound to a list is replaced by that list's items. */
import * as z from "zod/mini";
import type { Term } from "../syntax/tree.ts";
import { bindingForm, inOrder, repeated, named, oneOf, exact } from "./form.ts";
import { replacement, termText, withoutBrackets } from "./scalar.ts";
import { describe, type Cursor, type Scope, type Type } from "./type.ts";

interface Item<T> extends Type<T> {
  readTerm(term: Term, scope: Scope): T | undefined;
}

/**
 * A list of values of one type. `of`: the items' name in messages. `key`: a text that is the same for equal items, if no
 * item may be repeated.
 */
export function list<T>(item: Item<T>, of: string, key?: (value: T) => string): Type<T[]> {
  const label = `a list of ${of}`;
  const form = oneOf(inOrder(exact("["), repeated(item.form), exact("]")), bindingForm);

  /**
   * `mayBeList`: whether the term may be a list. It may for the value itself and for a binding, not for a literal
   * inside a list.
   */
  function items(term: Term, scope: Scope, into: T[], mayBeList: boolean, top: boolean): void {
    if (term.kind === "list" && mayBeList) {
      for (const inner of term.items) items(inner, scope, into, false, false);
      return;
    }
    if (term.kind === "reference") {
      const bound = scope.follow(term.name, term.span);
      if (bound === undefined) return;
      if (bound.kind === "term" && (bound.term.kind === "list" || bound.term.kind === "reference")) {
        items(bound.term, bound.scope, into, true, top);
        return;
      }
    }
    if (top) {
      if (term.kind !== "reference") scope.report("wrong-type", term.span, { expected: label, found: describe(term) });
      else {
        const input = `$${term.name}`;
        scope.report(
          "missing-list-brackets",
          term.span,
          { input },
          { fix: replacement(scope, term.span, `[ ${input} ]`) },
        );
      }
      return;
    }
    if (term.kind === "list") {
      reportInnerList(term, scope);
      for (const inner of term.items) items(inner, scope, into, false, false);
      return;
    }
    const value = item.readTerm(term, scope);
    if (value === undefined) return;
    if (key !== undefined && into.some((other) => key(other) === key(value))) {
      const fix = { title: `remove \`${termText(term)}\``, edits: [{ file: scope.file, span: term.span, text: "" }] };
      scope.report("doubled-entry", term.span, { name: termText(term) }, { fix });
    } else into.push(value);
  }

  return {
    label,
    form: item.form.kind === "named" ? named(`${item.form.name}-list`, form) : form,
    schema: () => z.array(item.schema()),
    isList: true,
    item,
    listAt: (_, at) => at,
    starts: (term) => term.kind === "list" || term.kind === "reference",
    take(terms, at) {
      const term = terms[at];
      return term === undefined || term.kind === "braces" || term.kind === "word" ? 0 : 1;
    },
    read(cursor: Cursor, scope: Scope): T[] | undefined {
      const term = cursor.next;
      if (term === undefined) {
        scope.report("missing-value", cursor.end, { name: termText(cursor.owner), expected: label });
        return undefined;
      }
      cursor.index += 1;
      const read: T[] = [];
      items(term, scope, read, true, true);
      return read;
    },
    ...(item.words === undefined ? {} : { words: item.words }),
    ...(item.rules === undefined ? {} : { rules: item.rules.map((rule) => `each value: ${rule}`) }),
  };
}

/** Reports a list in a list. The fix removes the inner brackets. */
export function reportInnerList(inner: Extract<Term, { kind: "list" }>, scope: Scope): void {
  const fix = withoutBrackets(inner, scope);
  scope.report(
    "wrong-type",
    inner.span,
    { expected: "a value", found: "a list", hint: "; remove the inner brackets" },
    { fix },
  );
}
