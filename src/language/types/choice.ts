/** Types of words: one of a fixed set, each optionally followed by a value. */
import * as z from "zod/mini";
import { alternatives } from "../../diagnostics/entries/entry.ts";
import { suggest } from "../../diagnostics/suggest.ts";
import { inOrder, oneOf, exact } from "./form.ts";
import { mismatch, replacement, scalar, termText, withoutBrackets } from "./scalar.ts";
import { plainText, type Term } from "../syntax/tree.ts";
import { Cursor, describe, editsToRead, isIncomplete, type Scope, type Type } from "./type.ts";

function reportWord(text: string, words: readonly string[], scope: Scope, span: { start: number; end: number }): void {
  const near = suggest(text, words);
  const fix = near === undefined ? undefined : replacement(scope, span, near);
  scope.report("unknown-word", span, { input: text, expected: alternatives(words), suggestion: near }, { fix });
}

/** One of a fixed set of words. */
export function keyword<const W extends string>(...words: W[]) {
  const label = alternatives(words);
  return scalar<W>({
    label,
    form: oneOf(...words.map(exact)),
    schema: () => z.enum(words),
    kinds: [],
    words,
    word: (text) => words.some((word) => word === text),
    convert(term, scope) {
      if (term.kind !== "word") return mismatch;
      const found = words.find((word) => word === term.text);
      if (found === undefined) reportWord(term.text, words, scope, term.span);
      return found;
    },
  });
}

/**
 * A word that determines the type of the value after it. `guess`: the word that a value without its word probably lacks;
 * undefined if the word is unclear.
 */
export function choice<T>(
  cases: Record<string, Type<T>>,
  guess: (term: Term, scope: Scope) => string | undefined = () => undefined,
): Type<T> {
  const words = Object.keys(cases);
  const label = alternatives(words);

  /** Reports the missing word before a term. If the word is clear, the fix adds it, and corrects the value. */
  function reportMissing(term: Term, owner: Term, scope: Scope): void {
    const place = { name: termText(owner), expected: `${label} before this` };
    const word = guess(term, scope);
    const edits = word === undefined ? undefined : editsToRead(cases[word] as Type<T>, owner, [term], scope);
    if (word === undefined || edits === undefined) {
      scope.report("missing-value", term.span, place);
      return;
    }
    // Two edits at one offset would exclude each other.
    const corrected = edits.find(({ span }) => span.start === term.span.start);
    const added = `${word} ${corrected?.text ?? ""}`;
    const edit = {
      file: scope.file,
      span: corrected?.span ?? { start: term.span.start, end: term.span.start },
      text: added,
    };
    const fix = { title: `add \`${word}\``, edits: [edit, ...edits.filter((each) => each !== corrected)] };
    const written = corrected?.text ?? termText(term);
    const expected = `\`${word}\` before this, as in \`${word} ${written}\``;
    scope.report("missing-value", term.span, { ...place, expected }, { fix });
  }

  /** Reports quotes around a word, and brackets around a value. Returns whether the term has them. */
  function reportMarks(term: Term, owner: Term, scope: Scope): boolean {
    const text = plainText(term);
    const isQuoted = text !== undefined && Object.hasOwn(cases, text);
    const isList = term.kind === "list" && editsToRead(self, owner, term.items, scope) !== undefined;
    if (!isQuoted && !isList) return false;
    const hint = isQuoted ? `; write \`${text}\`, without quotes` : "; remove the brackets";
    const fix = isList ? withoutBrackets(term, scope) : replacement(scope, term.span, text ?? "");
    scope.report("wrong-type", term.span, { expected: label, found: describe(term), hint }, { fix });
    return true;
  }

  const self: Type<T> = {
    label,
    form: oneOf(...Object.entries(cases).map(([name, type]) => inOrder(exact(name), type.form))),
    words,
    schema: () => {
      const [first, ...rest] = Object.values(cases).map((type) => type.schema());
      return z.union([first as z.ZodMiniType<T>, ...rest]);
    },
    starts: (term) => term.kind === "word" && Object.hasOwn(cases, term.text),
    take(terms, at) {
      const word = terms[at];
      if (word?.kind !== "word" || !Object.hasOwn(cases, word.text)) return 0;
      return 1 + (cases[word.text]?.take(terms, at + 1) ?? 0);
    },
    isIncomplete(terms, at) {
      const word = terms[at];
      const kind = word?.kind === "word" && Object.hasOwn(cases, word.text) ? cases[word.text] : undefined;
      return kind === undefined || isIncomplete(kind, terms, at + 1);
    },
    read(cursor: Cursor, scope: Scope): T | undefined {
      const term = cursor.next;
      if (term === undefined) {
        scope.report("missing-value", cursor.end, { name: termText(cursor.owner), expected: label });
        return undefined;
      }
      const kind = term.kind === "word" && Object.hasOwn(cases, term.text) ? cases[term.text] : undefined;
      if (kind !== undefined) {
        cursor.index += 1;
        return kind.read(cursor, scope);
      }
      // `nix` and the string after it are one term, even if `nix` is a word of this choice.
      if (term.kind === "expression" && Object.hasOwn(cases, term.word)) {
        const inner = new Cursor(cursor.owner, [term.string, ...cursor.terms.slice(cursor.index + 1)]);
        const value = cases[term.word]?.read(inner, scope);
        cursor.index += inner.index;
        return value;
      }
      cursor.index = cursor.terms.length;
      if (reportMarks(term, cursor.owner, scope)) return undefined;
      if (term.kind === "word") reportWord(term.text, words, scope, term.span);
      else reportMissing(term, cursor.owner, scope);
      return undefined;
    },
    cases,
    rules: Object.entries(cases).flatMap(([word, { rules }]) => (rules ?? []).map((rule) => `\`${word}\`: ${rule}`)),
    ...inside(Object.values(cases)),
  };
  return self;
}

/** The contents of the block of the first type that has a block. */
export function inside(types: readonly Type<unknown>[]): Pick<Type<unknown>, "inside"> {
  const found = types.find((type) => type.inside !== undefined)?.inside;
  return found === undefined ? {} : { inside: found };
}
