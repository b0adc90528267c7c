/** Combines types: constants, optional values, sequences. */
import * as z from "zod/mini";
import { alternatives } from "../../diagnostics/entries/entry.ts";
import type { RawTerm } from "../syntax/terms.ts";
import { plainText, type Term } from "../syntax/tree.ts";
import { inside } from "./choice.ts";
import { inOrder, maybe, exact, oneOf } from "./form.ts";
import { isIncomplete, type Cursor, type Scope, type Type } from "./type.ts";

/** A value that takes no terms. */
export function constant<T>(value: T, schema: () => z.ZodMiniType<T>): Type<T> {
  return {
    label: "no value",
    form: inOrder(),
    schema,
    starts: () => false,
    take: () => 0,
    isIncomplete: () => false,
    read: () => value,
  };
}

/** A setting without values: true if it is present. */
export const flag: Type<boolean> = { ...constant<boolean>(true, () => z.boolean()), isFlag: true };

/** A value that may be missing. `missing`: the value in that case. */
export function optional<T, D>(type: Type<T>, missing: D): Type<T | D> {
  /** Whether a term is a value of the type, or a number of the type in quotes, which `read` then reports. */
  const isPresent = (term: Term | RawTerm): boolean => {
    const text = term.kind === "string" ? plainText(term) : undefined;
    if (text === undefined || !/^\d+$/.test(text)) return type.starts(term);
    return type.starts(term) || type.starts({ kind: "literal", text, span: term.span });
  };
  return {
    ...type,
    form: maybe(type.form),
    schema: () => type.schema() as z.ZodMiniType<T | D>,
    take(terms, at) {
      const term = terms[at];
      return term !== undefined && isPresent(term) ? type.take(terms, at) : 0;
    },
    isIncomplete(terms, at) {
      const term = terms[at];
      return term !== undefined && type.starts(term) && isIncomplete(type, terms, at);
    },
    read(cursor: Cursor, scope: Scope): T | D | undefined {
      const term = cursor.next;
      return term !== undefined && isPresent(term) ? type.read(cursor, scope) : missing;
    },
  };
}

/** One of a fixed set of words; null if absent. */
export function optionalWord<const W extends string>(...words: W[]): Type<W | null> {
  const wordAt = (term: Term | RawTerm | undefined): W | null =>
    (term?.kind === "word" ? words.find((word) => word === term.text) : undefined) ?? null;
  return {
    label: alternatives(words),
    form: maybe(oneOf(...words.map(exact))),
    words,
    schema: () => z.union([z.enum(words), z.null()]),
    starts: (term) => wordAt(term) !== null,
    take: (terms, at) => (wordAt(terms[at]) === null ? 0 : 1),
    isIncomplete: () => false,
    read(cursor: Cursor): W | null {
      const found = wordAt(cursor.next);
      if (found !== null) cursor.index += 1;
      return found;
    },
  };
}

type Values<P> = { [K in keyof P]: P[K] extends Type<infer T> ? T : never };

/** Several values in a row, combined to one value. */
export function sequence<const P extends readonly Type<unknown>[], T>(
  parts: P,
  schema: () => z.ZodMiniType<T>,
  combine: (...values: [...Values<P>]) => T,
): Type<T> {
  return {
    label: parts.map((part) => part.label).join(", then "),
    form: inOrder(...parts.map((part) => part.form)),
    schema,
    starts: (term) => parts[0]?.starts(term) ?? false,
    words: parts.flatMap((part) => part.words ?? []),
    rules: parts.flatMap((part) => part.rules ?? []),
    take(terms, at) {
      let taken = 0;
      for (const part of parts) taken += part.take(terms, at + taken);
      return taken;
    },
    isIncomplete(terms, at) {
      let taken = 0;
      for (const part of parts) {
        if (isIncomplete(part, terms, at + taken)) return true;
        taken += part.take(terms, at + taken);
      }
      return false;
    },
    listAt(terms, at) {
      let taken = 0;
      for (const part of parts) {
        if (part.listAt !== undefined) return part.listAt(terms, at + taken);
        if (isIncomplete(part, terms, at + taken)) return undefined;
        taken += part.take(terms, at + taken);
      }
      return undefined;
    },
    read(cursor: Cursor, scope: Scope): T | undefined {
      const values: unknown[] = [];
      for (const part of parts) {
        const value = part.read(cursor, scope);
        if (value === undefined) {
          cursor.index = cursor.terms.length;
          return undefined;
        }
        values.push(value);
      }
      return combine(...(values as [...Values<P>]));
    },
    ...inside(parts),
  };
}

/** A type whose values are converted. */
export function mapped<A, B>(type: Type<A>, schema: () => z.ZodMiniType<B>, change: (value: A) => B): Type<B> {
  return {
    ...type,
    schema,
    read(cursor: Cursor, scope: Scope): B | undefined {
      const value = type.read(cursor, scope);
      return value === undefined ? undefined : change(value);
    },
  };
}
