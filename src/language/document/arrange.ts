/**
 * Divides the terms of a block into settings. No token ends a setting, so the schema decides how many terms belong to each.
 * Terms that do not fit stay with the setting before them, and the checker reports them.
 */
import { diagnostic, type Diagnostic } from "../../diagnostics/diagnostic.ts";
import { settingsByName } from "../types/setting.ts";
import { insideOf, isIncomplete, type Inside, type Type } from "../types/type.ts";
import { unneededSign } from "../syntax/foreign-syntax.ts";
import { wrap } from "./missing-brackets.ts";
import { expressionAt, joined, type RawTerm } from "../syntax/terms.ts";
import { between, type Setting, type Source, type Span, type Term } from "../syntax/tree.ts";

/** Divides terms into settings, and adds diagnostics for terms without a name. */
export function arrange(
  terms: readonly RawTerm[],
  inside: Inside | undefined,
  source: Source,
  diagnostics: Diagnostic[],
): Setting[] {
  const types = inside?.kind === "settings" ? settingsByName(inside.settings()) : undefined;
  const entries = inside?.kind === "entries" ? inside : undefined;
  const isKey = (term: RawTerm): boolean =>
    entries === undefined ? term.kind === "word" || (types === undefined && isText(term)) : entries.isKey(term);
  /** Whether a term is the name of the next setting or entry, not a value. */
  const isName = (at: number): boolean => {
    const word = terms[at];
    const next = terms[at + 1];
    if (entries === undefined) return word?.kind === "word" && (types?.has(word.text) ?? false);
    return word !== undefined && entries.isKey(word) && next !== undefined && entries.value.starts(next);
  };
  const all: Setting[] = [];
  let strays: Span | undefined;
  const flush = (): void => {
    if (strays !== undefined) diagnostics.push(diagnostic("missing-name", { file: source.path, span: strays }, {}));
    strays = undefined;
  };
  for (let at = 0; at < terms.length;) {
    const expression = entries === undefined ? undefined : expressionAt(terms, at);
    const name = expression !== undefined && isKey(expression) ? expression : (terms[at] as RawTerm);
    if (!isKey(name)) {
      strays = strays === undefined ? name.span : between(strays, name.span);
      at += 1;
      continue;
    }
    flush();
    const type = entries?.value ?? (name.kind === "word" ? types?.get(name.text)?.[1].type : undefined);
    let start = at + (name === expression ? 2 : 1);
    const sign = terms[start];
    if (sign?.kind === "operator" && type?.starts(sign) === false) {
      diagnostics.push(unneededSign(source, sign.span));
      start += 1;
    }
    let end = start + (type?.take(terms, start) ?? 0);
    const wrapped = wrap({ terms, start, end, type, isName }, source, diagnostics);
    if (wrapped !== undefined) end = wrapped.end;
    const next = terms[end];
    // If a value is missing, the next word is the value, unless it is the name of a setting.
    const takesWord = wrapped === undefined && next?.kind === "word" && type !== undefined && !isName(end);
    if (takesWord && isIncomplete(type, terms, start)) end += 1;
    const valuesEnd = end;
    for (; end < terms.length; end += 1) {
      const term = terms[end] as RawTerm;
      // A path without quotes is a value. Only if another value follows is it a key that lacks its quotes.
      if (isKey(term) && (term.kind !== "path" || isName(end))) break;
    }
    const valueTerms =
      wrapped === undefined
        ? joined(terms, start, end)
        : [...joined(terms, start, wrapped.start), wrapped.term, ...joined(terms, valuesEnd, end)];
    const values = valueTerms.map((term) =>
      term.kind === "braces" ? blockTerm(term, type, insideOf(type, valueTerms), source, diagnostics) : term,
    );
    const last = values.at(-1) ?? name;
    all.push({ name: name as Term, values, span: between(name.span, last.span) });
    at = end;
  }
  flush();
  return all;
}

function isText(term: RawTerm): boolean {
  return term.kind === "string" || term.kind === "literal";
}

function blockTerm(
  term: Extract<RawTerm, { kind: "braces" }>,
  type: Type<unknown> | undefined,
  inside: Inside | undefined,
  source: Source,
  diagnostics: Diagnostic[],
): Term {
  const settings = arrange(term.terms, inside, source, type === undefined ? [] : diagnostics);
  return { kind: "block", settings, span: term.span };
}
