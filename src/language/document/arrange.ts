/**
 * Divides the terms of a block into settings. No token ends a setting, so the schema decides how many terms belong to each.
 * Terms that do not fit stay with the setting before them, and the checker reports them.
 */
import { diagnostic, type Diagnostic } from "../../diagnostics/diagnostic.ts";
import { settingsByName } from "../types/setting.ts";
import { insideOf, insideOfItem, isIncomplete, type Inside, type Type } from "../types/type.ts";
import { mode } from "../types/number.ts";
import { symbolicAt } from "../types/symbolic-mode.ts";
import { FILE_SETTINGS } from "../schema/file.ts";
import { synonymsIn } from "../schema/synonyms.ts";
import { unneededSign } from "../syntax/foreign-syntax.ts";
import { MAX_BLANKS, type Context } from "./context.ts";
import { arrowAt, isHeader, unquoted } from "./foreign-terms.ts";
import { wrap, type Wrapped } from "./missing-brackets.ts";
import { RawSettings } from "./raw-settings.ts";
import { expressionAt, joined, type RawTerm } from "../syntax/terms.ts";
import { between, type Setting, type Span, type Term } from "../syntax/tree.ts";

/** Divides terms into settings, and adds diagnostics for terms without a name. */
export function arrange(allTerms: readonly RawTerm[], inside: Inside | undefined, context: Context): Setting[] {
  const { source, diagnostics } = context;
  const block = new RawSettings(allTerms, inside, context);
  const { terms, types, entries } = block;
  const all: Setting[] = [];
  let strays: Span | undefined;
  for (let at = 0; at < terms.length;) {
    const expression = entries === undefined ? undefined : expressionAt(terms, at);
    const written = expression !== undefined && block.isKey(expression) ? expression : (terms[at] as RawTerm);
    const name = block.isQuotedName(at) ? unquoted(written, context) : written;
    if (types === FILE_SETTINGS && isHeader(name, context)) {
      at += 1;
      continue;
    }
    if (!block.isKey(name)) {
      strays = strays === undefined ? name.span : between(strays, name.span);
      at += 1;
      continue;
    }
    if (strays !== undefined) diagnostics.push(withoutName(strays, context));
    strays = undefined;
    const type = entries?.value ?? (name.kind === "word" ? typeOf(name.text, inside) : undefined);
    let start = at + (written === expression ? 2 : 1);
    const sign = terms[start];
    const arrow = arrowAt(terms, start);
    // At the top of a file, `tools = [ hello ]` is a binding without its `let`.
    const isBinding = types === FILE_SETTINGS && name.kind === "word" && !FILE_SETTINGS.has(name.text);
    if (arrow !== undefined) {
      diagnostics.push(unneededSign(source, arrow));
      start += 2;
    } else if (sign?.kind === "operator" && sign.text === "=" && type?.starts(sign) === false && !isBinding) {
      diagnostics.push(unneededSign(source, sign.span));
      start += 1;
    }
    let end = start + (type?.take(terms, start) ?? 0);
    const wrapped =
      type === mode ? symbolicMode(terms, start, context) : wrap({ terms, start, end, type, names: block }, context);
    if (wrapped !== undefined) end = wrapped.end;
    const next = terms[end];
    // If a value is missing, the next word is the value, unless it is the name of a setting.
    const takesWord = wrapped === undefined && next?.kind === "word" && type !== undefined && !block.isName(end);
    if (takesWord && isIncomplete(type, terms, start)) end += 1;
    const valuesEnd = end;
    for (; end < terms.length; end += 1) {
      const term = terms[end] as RawTerm;
      // A path without quotes is a value. Only if another value follows is it a key that lacks its quotes.
      if ((block.isKey(term) && (term.kind !== "path" || block.isName(end))) || block.isQuotedName(end)) break;
    }
    const valueTerms =
      wrapped === undefined
        ? joined(terms, start, end)
        : [...joined(terms, start, wrapped.start), wrapped.term, ...joined(terms, valuesEnd, end)];
    const values = withBlocks(valueTerms, type, context);
    const last = values.at(-1) ?? name;
    all.push({ name: name as Term, values, span: between(name.span, last.span) });
    at = end;
  }
  if (strays !== undefined) diagnostics.push(withoutName(strays, context));
  // An array that grew has spare room. The copy has none, so that the tree takes less memory.
  return all.slice();
}

/** Makes one term of a mode such as `+x` or `u+x,g-w`, whose signs and letters are terms of their own. */
function symbolicMode(terms: readonly RawTerm[], start: number, context: Context): Wrapped | undefined {
  const previous = terms[start - 1];
  if (previous === undefined) return undefined;
  const { text } = context.source;
  const offset =
    previous.span.end + (/^\s*/.exec(text.slice(previous.span.end, previous.span.end + MAX_BLANKS))?.[0].length ?? 0);
  const found = symbolicAt(text, offset);
  if (found === undefined) return undefined;
  const span = { start: offset, end: offset + found.length };
  for (let at = span.start; at < span.end; at++) {
    const sign = context.found.get(at);
    if (sign !== undefined) context.explained.add(sign);
  }
  let end = start;
  while ((terms[end]?.span.start ?? Infinity) < span.end) end += 1;
  return { start, end, term: { kind: "literal", text: found, span } };
}

function withoutName(span: Span, { source }: Context): Diagnostic {
  return diagnostic("missing-name", { file: source.path, span }, {});
}

/** Divides the blocks among values into settings, and drops a `=` before a block. Changes and returns the array. */
function withBlocks(terms: RawTerm[], type: Type<unknown> | undefined, context: Context): Term[] {
  const mayHaveItemBlocks = type?.hasItemBlocks === true;
  if (!mayHaveItemBlocks && !terms.some(isBraces)) return terms as Term[];
  const values = terms as Term[];
  let length = 0;
  for (let i = 0; i < terms.length; i++) {
    const term = terms[i] as RawTerm;
    const isSign = term.kind === "operator" && term.text === "=";
    if (isSign && terms[i + 1]?.kind === "braces" && type?.inside !== undefined)
      context.diagnostics.push(unneededSign(context.source, term.span));
    else {
      if (term.kind === "braces") values[length] = blockTerm(term, type, insideOf(type, terms), context);
      else if (term.kind === "list" && mayHaveItemBlocks) values[length] = listTerm(term, type, context);
      else values[length] = term as Term;
      length += 1;
    }
  }
  values.length = length;
  return values;
}

function isBraces(term: RawTerm): boolean {
  return term.kind === "braces";
}

/** The type of a setting, or of the setting that another tool's name means. */
function typeOf(name: string, inside: Inside | undefined): Type<unknown> | undefined {
  if (inside?.kind !== "settings") return undefined;
  const settings = inside.settings();
  const known = settingsByName(settings).get(name);
  if (known !== undefined) return known[1].type;
  const [synonym] = synonymsIn(settings, name);
  return synonym?.kind === "setting" ? synonym.setting.type : undefined;
}

function blockTerm(
  term: Extract<RawTerm, { kind: "braces" }>,
  type: Type<unknown> | undefined,
  inside: Inside | undefined,
  context: Context,
): Term {
  const settings = arrange(term.terms, inside, type === undefined ? { ...context, diagnostics: [] } : context);
  return { kind: "block", settings, span: term.span };
}

/** A list whose items may have blocks. */
function listTerm({ terms, span }: Extract<RawTerm, { kind: "list" }>, type: Type<unknown>, context: Context): Term {
  const all = joined(terms);
  const items = all.map((term, at) => {
    if (term.kind !== "braces") return term;
    const found = context.found.get(term.span.start);
    if (found?.code === "block-in-list") context.explained.add(found);
    return blockTerm(term, type, insideOfItem(type, all, at), context);
  });
  return { kind: "list", items, span };
}
