// One of a few words, each with what may follow it.
import * as z from "zod/mini";
import { suggest } from "../../diagnostics/suggest.ts";
import { mismatch, scalar, written } from "./scalar.ts";
import type { Cursor, Scope, Type } from "./type.ts";

/** Joins words for a message: `a`, `b` or `c`. */
export function alternatives(words: readonly string[]): string {
  const quoted = words.map((word) => `\`${word}\``);
  const last = quoted.pop() ?? "";
  return quoted.length === 0 ? last : `${quoted.join(", ")} or ${last}`;
}

function reportWord(text: string, words: readonly string[], scope: Scope, span: { start: number; end: number }): void {
  const near = suggest(text, words);
  const fix = near === undefined ? undefined : replacement(scope, span, near);
  scope.report("unknown-word", span, { written: text, expected: alternatives(words), suggestion: near }, { fix });
}

/** The fix that writes another word. */
export function replacement(scope: Scope, span: { start: number; end: number }, text: string) {
  return { title: `write \`${text}\``, edits: [{ file: scope.file, span, text }] };
}

/** A word out of a few. */
export function keyword<const W extends string>(...words: W[]) {
  const label = alternatives(words);
  return scalar<W>({
    label,
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

/** A word that decides what follows it. */
export function choice<T>(cases: Record<string, Type<T>>): Type<T> {
  const words = Object.keys(cases);
  const label = alternatives(words);
  return {
    label,
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
    read(cursor: Cursor, scope: Scope): T | undefined {
      const word = cursor.next;
      if (word === undefined) {
        scope.report("missing-value", cursor.end, { name: written(cursor.owner), expected: label });
        return undefined;
      }
      const kind = word.kind === "word" && Object.hasOwn(cases, word.text) ? cases[word.text] : undefined;
      if (kind !== undefined) {
        cursor.index += 1;
        return kind.read(cursor, scope);
      }
      cursor.index = cursor.terms.length;
      if (word.kind === "word") reportWord(word.text, words, scope, word.span);
      else scope.report("unexpected-value", word.span, { name: written(cursor.owner), expected: label });
      return undefined;
    },
    ...inside(Object.values(cases)),
  };
}

/** The block of the first type that has one. */
export function inside(types: readonly Type<unknown>[]): Pick<Type<unknown>, "inside"> {
  const found = types.find((type) => type.inside !== undefined)?.inside;
  return found === undefined ? {} : { inside: found };
}
