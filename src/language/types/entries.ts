/** Blocks of entries, whose keys the user chooses. Each key occurs once. */
import * as z from "zod/mini";
import type { RawTerm } from "../syntax/terms.ts";
import { plainText, type Setting as SettingNode, type Term } from "../syntax/tree.ts";
import { blockOf, readAll } from "./block.ts";
import { attributeForm, named, oneOf, plainForm } from "./form.ts";
import { replacement, termText } from "./scalar.ts";
import type { Scope, Type, Form } from "./type.ts";

/** A type of keys. */
export interface Key<K> {
  form: Form;
  /** Whether a term is a key, valid or not. */
  is(term: RawTerm): boolean;
  read(term: Term, scope: Scope): K | undefined;
  /** Whether a text is a valid key; by default, every text is. */
  isValid?: (text: string) => boolean;
  /** A text that is the same for equal keys. */
  same(key: K): string;
  readonly rules?: readonly string[];
}

/** A key that is a word or a string. `check`: a further condition, and `rules` the same in words. */
export function nameKey(
  check?: (name: string, term: Term, scope: Scope) => boolean,
  rules: readonly string[] = [],
): Key<string> {
  return {
    rules,
    form: named("name", oneOf(attributeForm, plainForm)),
    is: (term) => term.kind === "word" || term.kind === "string" || term.kind === "literal",
    same: (key) => key,
    read(term, scope) {
      const text = term.kind === "string" ? plainText(term) : "text" in term ? term.text : undefined;
      if (text === undefined) {
        scope.report("not-constant", term.span, { expected: "a name" });
        return undefined;
      }
      return check === undefined || check(text, term, scope) ? text : undefined;
    },
  };
}

/** A key that is a path or glob in quotes. A key without quotes is accepted as a key, to report the missing quotes. */
export function pathKey(
  check: (path: string, term: Term, scope: Scope) => boolean,
  rules: readonly string[],
): Key<string> {
  const { read } = nameKey(check);
  return {
    rules,
    form: named("image-path", plainForm),
    is: (term) => term.kind === "string" || term.kind === "path" || term.kind === "literal",
    same: (key) => key,
    read(term, scope) {
      if (term.kind === "string") return read(term, scope);
      const fix = replacement(scope, term.span, JSON.stringify(termText(term)));
      scope.report("unquoted", term.span, { input: termText(term) }, { fix });
      return undefined;
    },
  };
}

/** The entries of a block as a list, in the order of the text. */
export function entries<K, V, T>(
  key: Key<K>,
  value: Type<V>,
  schema: () => z.ZodMiniType<T>,
  combine: (key: K, value: V) => T,
  /** Whether an entry may have the same key as another entry. */
  mayShareKey: (value: V) => boolean = () => false,
): Type<T[]> {
  const rules = [
    ...(key.rules ?? []).map((rule) => `each name: ${rule}`),
    ...(value.rules ?? []).map((rule) => `each value: ${rule}`),
  ];
  const type = blockOf<T[]>(
    () => z.array(schema()),
    { kind: "entries", key: key.form, isKey: (term) => key.is(term), isValidKey: key.isValid, value },
    (block, scope) => {
      const all: T[] = [];
      const first = new Map<string, SettingNode>();
      /** The first entry of each key, of entries that may share a key with an entry in `first`. */
      let apart: Map<string, SettingNode> | undefined;
      for (const node of block.settings) {
        const name = key.read(node.name, scope);
        const read = readAll(node, value, scope);
        if (name === undefined) continue;
        const group = read !== undefined && mayShareKey(read) ? (apart ??= new Map()) : first;
        const same = key.same(name);
        const before = group.get(same);
        if (before === undefined) group.set(same, node);
        else {
          const related = [{ message: "first written here", file: scope.file, span: before.name.span }];
          scope.report("doubled-entry", node.name.span, { name: termText(node.name) }, { related });
          continue;
        }
        if (read !== undefined) all.push(combine(name, read));
      }
      return all;
    },
  );
  return { ...type, rules };
}

/** The entries of a block as a record. */
export function record<V>(value: Type<V>, keys = nameKey()): Type<Record<string, V>> {
  const pairs = entries<string, V, [string, V]>(
    keys,
    value,
    () => z.tuple([z.string(), value.schema()]) as unknown as z.ZodMiniType<[string, V]>,
    (key, item) => [key, item],
  );
  return {
    ...pairs,
    schema: () => z.record(z.string(), value.schema()),
    read(cursor, scope) {
      const read = pairs.read(cursor, scope);
      return read && Object.fromEntries(read);
    },
  };
}
