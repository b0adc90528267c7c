// Divides the terms of a block into settings. Nothing in the text ends a setting, so the schema says how far each reaches;
// what does not fit is kept with the setting before it, for the checker to speak about.
import { diagnostic, type Diagnostic } from "../../diagnostics/diagnostic.ts";
import { byWrittenName } from "../schema/setting.ts";
import type { Inside, Type } from "../schema/type.ts";
import { expressionAt, type RawTerm } from "./terms.ts";
import { between, type Setting, type Source, type Span, type Term } from "./tree.ts";

/** The settings that the terms make. */
export function arrange(
  terms: readonly RawTerm[],
  inside: Inside | undefined,
  source: Source,
  diagnostics: Diagnostic[],
): Setting[] {
  const types = inside?.kind === "settings" ? byWrittenName(inside.settings()) : undefined;
  const isKey = (term: RawTerm): boolean =>
    term.kind === "word" || (types === undefined && (term.kind === "string" || term.kind === "literal"));
  const all: Setting[] = [];
  let strays: Span | undefined;
  const flush = (): void => {
    if (strays !== undefined) diagnostics.push(diagnostic("missing-name", { file: source.path, span: strays }, {}));
    strays = undefined;
  };
  for (let at = 0; at < terms.length;) {
    const name = terms[at] as RawTerm;
    if (!isKey(name)) {
      strays = strays === undefined ? name.span : between(strays, name.span);
      at += 1;
      continue;
    }
    flush();
    const type =
      inside?.kind === "entries" ? inside.value : name.kind === "word" ? types?.get(name.text)?.[1].type : undefined;
    let end = at + 1 + (type?.take(terms, at + 1) ?? 0);
    const next = terms[end];
    // A word where a value is due is taken for the value, unless it is the next setting's name.
    if (end === at + 1 && next?.kind === "word" && expectsValue(type) && !(types?.has(next.text) ?? false)) end += 1;
    while (end < terms.length && !isKey(terms[end] as RawTerm)) end += 1;
    const values = valueTerms(terms.slice(at + 1, end), type, source, diagnostics);
    const last = values.at(-1) ?? name;
    all.push({ name: name as Term, values, span: between(name.span, last.span) });
    at = end;
  }
  flush();
  return all;
}

function expectsValue(type: Type<unknown> | undefined): boolean {
  return type !== undefined && type.label !== "nothing";
}

function valueTerms(
  raw: readonly RawTerm[],
  type: Type<unknown> | undefined,
  source: Source,
  diagnostics: Diagnostic[],
): Term[] {
  const values: Term[] = [];
  for (let index = 0; index < raw.length; index += 1) {
    const joined = expressionAt(raw, index);
    const term = joined ?? (raw[index] as RawTerm);
    if (joined !== undefined) index += 1;
    if (term.kind !== "braces") values.push(term);
    else {
      const settings = arrange(term.terms, type?.inside, source, type === undefined ? [] : diagnostics);
      values.push({ kind: "block", settings, span: term.span });
    }
  }
  return values;
}
