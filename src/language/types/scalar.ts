/** Types whose values are one term. References (`$name`) are resolved here for all of them. */
import type * as z from "zod/mini";
import { expressionAt, type RawTerm } from "../syntax/terms.ts";
import type { DiagnosticDetails, Fix } from "../../diagnostics/diagnostic.ts";
import { quoted } from "../../diagnostics/entries/entry.ts";
import { between, plainText, type Span, type StringTerm, type Term } from "../syntax/tree.ts";
import { bindingForm, named, oneOf } from "./form.ts";
import { describe, type Cursor, type Scope, type Type, type Form } from "./type.ts";
import type { Param, ParamSpec } from "./values.ts";

type ListTerm = Extract<Term, { kind: "list" }>;

/** Returned for a term of another type. */
export const mismatch: unique symbol = Symbol("mismatch");

/** The result of converting a term; undefined if a diagnostic was already reported. */
export type Converted<T> = T | typeof mismatch | undefined;

export interface ScalarOptions<T> {
  label: string;
  /** The name of the grammar's rule; without a name, the form is inlined. */
  name?: string;
  /** The syntax of a value, without references. */
  form: Form;
  schema: () => z.ZodMiniType<T>;
  kinds: Term["kind"][];
  convert(term: Term, scope: Scope): Converted<T>;
  /** Whether a word is a value; by default, no word is. */
  word?: (text: string) => boolean;
  words?: readonly string[];
  rules?: readonly string[];
  /** Converts the use of a parameter, for types that accept parameters. */
  param?: (use: Param, param: ParamSpec, term: Term, scope: Scope) => Converted<T>;
}

/** A type whose values are one term. */
export function scalar<T>(options: ScalarOptions<T>): Type<T> & { readTerm(term: Term, scope: Scope): T | undefined } {
  function readTerm(term: Term, scope: Scope): T | undefined {
    if (term.kind === "reference") {
      const bound = scope.follow(term.name, term.span);
      if (bound === undefined) return undefined;
      if (bound.kind === "term") return readTerm(bound.term, bound.scope);
      const used = options.param?.({ param: bound.param.name }, bound.param, term, scope);
      if (used !== mismatch && options.param !== undefined) return used;
      const found = `the parameter \`$${term.name}\` (${bound.param.type})`;
      scope.report("wrong-type", term.span, { expected: options.label, found });
      return undefined;
    }
    const value = options.convert(term, scope);
    if (value !== mismatch) return value;
    const { hint, instead, choices } = hintFor(term, options, scope);
    const unquoted = instead === undefined ? undefined : replacement(scope, term.span, instead);
    const isSingle = term.kind === "list" && term.items.length === 1 && hint !== "";
    const fix = isSingle ? withoutBrackets(term, scope) : unquoted;
    scope.report("wrong-type", term.span, { expected: options.label, found: describe(term), hint }, { fix, choices });
    return undefined;
  }
  const form = oneOf(options.form, bindingForm);
  const accepts = (term: Term | RawTerm): boolean => {
    if (term.kind === "reference") return true;
    if (term.kind === "word") return options.word?.(term.text) ?? false;
    return options.kinds.some((kind) => kind === term.kind);
  };
  return {
    label: options.label,
    form: options.name === undefined ? form : named(options.name, form),
    schema: options.schema,
    readTerm,
    starts: accepts,
    take(terms: readonly RawTerm[], at: number): number {
      const term = terms[at];
      if (term === undefined || term.kind === "braces") return 0;
      if (options.kinds.includes("expression") && expressionAt(terms, at) !== undefined) return 2;
      return term.kind !== "word" || accepts(term) ? 1 : 0;
    },
    read(cursor: Cursor, scope: Scope): T | undefined {
      const term = cursor.next;
      if (term === undefined) {
        scope.report("missing-value", cursor.end, { name: termText(cursor.owner), expected: options.label });
        return undefined;
      }
      cursor.index += 1;
      return readTerm(term, scope);
    },
    ...(options.words === undefined ? {} : { words: options.words }),
    ...(options.rules === undefined ? {} : { rules: options.rules }),
  };
}

/** A type with a further rule, which reports invalid values. `text`: the rule in words. */
export function checked<T>(
  type: ReturnType<typeof scalar<T>>,
  rule: (value: T, term: Term, scope: Scope) => void,
  text: string,
): ReturnType<typeof scalar<T>> {
  const readTerm = (term: Term, scope: Scope): T | undefined => {
    const value = type.readTerm(term, scope);
    if (value !== undefined) rule(value, term, scope);
    return value;
  };
  return {
    ...type,
    rules: [...(type.rules ?? []), text],
    readTerm,
    read(cursor, scope) {
      const term = cursor.next;
      const value = type.read(cursor, scope);
      if (value !== undefined && term !== undefined) rule(value, term, scope);
      return value;
    },
  };
}

interface Hint {
  hint: string;
  instead?: string;
  choices?: Fix[];
}

/** A hint, and the text to write instead, if quotes are missing or unneeded, or a `${…}` is meant for Nix. */
function hintFor(term: Term, { kinds, word, words, convert }: ScalarOptions<unknown>, scope: Scope): Hint {
  if (term.kind === "list") return { hint: hintOfList(term, convert, scope) };
  const takesText = kinds.includes("string");
  if (takesText && (term.kind === "word" || term.kind === "literal" || term.kind === "path")) {
    const instead = inQuotes(term, convert, scope);
    return { hint: `; write \`${instead}\``, instead };
  }
  const escapeHint = hintToEscape(takesText ? term : codeOf(term));
  if (escapeHint !== "") return { hint: escapeHint };
  const plain = plainText(term);
  const isKeyword = plain !== undefined && words?.includes(plain) === true;
  const text = takesText && !isKeyword ? undefined : plain;
  if (text === undefined) return { hint: "" };
  const isLiteral = kinds.includes("literal") && /^(?:[+-]?\d|[a-z]+\/)[\w.:/+-]*$/.test(text);
  if (isLiteral) return hintForLiteral({ kind: "literal", text, span: term.span }, convert, scope);
  const isWord = /^[A-Za-z_][\w.-]*$/.test(text) && word?.(text) === true;
  return isWord ? { hint: `; write \`${text}\`, without quotes`, instead: text } : { hint: "" };
}

/** A hint for a literal in quotes; "" if the text is not valid without quotes either. */
function hintForLiteral(
  literal: Term & { text: string },
  convert: ScalarOptions<unknown>["convert"],
  scope: Scope,
): Hint {
  let details: DiagnosticDetails | undefined;
  const report: Scope["report"] = (_code, _span, _parameters, more) => {
    details ??= more;
  };
  if (convert(literal, { ...scope, report }) === mismatch) return { hint: "" };
  const written = (fix: Fix | undefined): string | undefined => fix?.edits[0]?.text;
  const { choices } = details ?? {};
  if (choices !== undefined) return { hint: `; write \`${written(choices[0])}\`, without quotes`, choices };
  const instead = written(details?.fix) ?? literal.text;
  return { hint: `; write \`${instead}\`, without quotes`, instead };
}

/** A hint for a list in the place of one value; "" if its first item is not such a value. */
function hintOfList({ items }: ListTerm, convert: ScalarOptions<unknown>["convert"], scope: Scope): string {
  const [first, ...others] = items;
  if (first === undefined || convert(first, { ...scope, report: () => {} }) === mismatch) return "";
  return others.length > 0
    ? "; write one value, without brackets"
    : `; write ${quoted(termText(first))}, without brackets`;
}

/** A fix that removes the brackets of a list. */
export function withoutBrackets({ items, span }: ListTerm, scope: Scope): Fix {
  const inner = between(items[0]?.span ?? span, items.at(-1)?.span ?? span);
  // A comment between a bracket and an item stays.
  const opening = { start: span.start, end: inner.start - span.start === 2 ? inner.start : span.start + 1 };
  const closing = { start: span.end - inner.end === 2 ? inner.end : span.end - 1, end: span.end };
  return {
    title: "remove the brackets",
    edits: [opening, closing].map((at) => ({ file: scope.file, span: at, text: "" })),
  };
}

/** A text in quotes. If the text has a mistake with a fix, it is fixed, too. */
function inQuotes(
  { text, span }: Term & { text: string },
  convert: ScalarOptions<unknown>["convert"],
  scope: Scope,
): string {
  let instead = `"${text}"`;
  const report: Scope["report"] = (_code, _span, _parameters, details) => {
    instead = details?.fix?.edits.find((edit) => edit.span === span)?.text ?? instead;
  };
  convert({ kind: "string", form: "quoted", parts: [{ kind: "text", text, span }], span }, { ...scope, report });
  return instead;
}

/** A fix that replaces a term. */
export function replacement(scope: Scope, span: Span, text: string): Fix {
  return { title: `write \`${text}\``, edits: [{ file: scope.file, span, text }] };
}

/** The string of `nix ''…''`; undefined for any other term. */
export function codeOf(term: Term): StringTerm | undefined {
  return term.kind === "expression" && term.word === "nix" ? term.string : undefined;
}

/** A hint how to write a `${…}` for Nix in a string; "" if the string has no interpolation. */
export function hintToEscape(code: Term | undefined): string {
  if (code?.kind !== "string" || plainText(code) !== undefined) return "";
  return "; to leave a `${…}` to Nix, write `''${…}` between `''`, or `\\${…}` between `\"`";
}

/** The text of a term for messages. */
export function termText(term: Term): string {
  if (term.kind === "string") {
    const text = term.parts.map((part) => (part.kind === "text" ? part.text : "…")).join("");
    return `"${text}"`;
  }
  return "text" in term ? term.text : describe(term);
}
