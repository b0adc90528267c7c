/**
 * Divides the terms of a block into settings. No token ends a setting, so the schema decides how many terms belong to each.
 * Terms that do not fit stay with the setting before them, and the checker reports them.
 */
import { diagnostic } from "../../diagnostics/diagnostic.ts";
import { settingsByName } from "../types/setting.ts";
import { insideOf, insideOfItem, isIncomplete, type Inside, type Type } from "../types/type.ts";
import { fileSettings } from "../schema/file.ts";
import { synonymsIn } from "../schema/synonyms.ts";
import { unneededIn, unneededSign } from "../syntax/foreign-syntax.ts";
import { joinOperands } from "./concatenation.ts";
import { diagnosticAfter, type Context } from "./context.ts";
import { wrap } from "./missing-brackets.ts";
import { expressionAt, joined, type RawTerm } from "../syntax/terms.ts";
import { between, plainText, type Setting, type Span, type Term } from "../syntax/tree.ts";

/** Divides terms into settings, and adds diagnostics for terms without a name. */
export function arrange(allTerms: readonly RawTerm[], inside: Inside | undefined, context: Context): Setting[] {
  const { source, diagnostics } = context;
  const types = inside?.kind === "settings" ? settingsByName(inside.settings()) : undefined;
  const entries = inside?.kind === "entries" ? inside : undefined;
  const hasColon = allTerms.some((term) => term.kind === "literal" && term.text.includes(":"));
  const operands = context.hasConcatenation ? joinOperands(allTerms, context) : allTerms;
  const apart = withUnits(types === FILE ? withoutIn(operands, context) : operands, types, context);
  const terms = hasColon ? apart.flatMap((term) => withoutColon(term, types, context)) : apart;
  /** Whether a term is the name of a setting in quotes, with `:` or `=` after it. */
  const isQuotedName = (at: number): boolean => {
    const term = terms[at];
    const text = term?.kind === "string" ? plainText(term) : undefined;
    if (term === undefined || text === undefined || types === undefined || !/^[A-Za-z][\w-]*$/.test(text)) return false;
    const sign = terms[at + 1];
    if (sign?.kind === "operator" && sign.text === "=") return true;
    const after = diagnosticAfter(term.span.end, context);
    return after?.code === "unneeded-sign" && (types.has(text) || source.text[after.span.start] === ":");
  };
  const isKey = (term: RawTerm): boolean =>
    entries === undefined ? term.kind === "word" || (types === undefined && isText(term)) : entries.isKey(term);
  /** Whether a term is the name of the next setting or entry, not a value. */
  const isName = (at: number): boolean => {
    const word = terms[at];
    const next = terms[at + 1];
    if (entries === undefined) return (word?.kind === "word" && (types?.has(word.text) ?? false)) || isQuotedName(at);
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
    const isQuoted = isQuotedName(at);
    const written = expression !== undefined && isKey(expression) ? expression : (terms[at] as RawTerm);
    const name = isQuoted ? unquoted(written, context) : written;
    if (types === FILE && isHeader(name, context)) {
      at += 1;
      continue;
    }
    if (!isKey(name)) {
      strays = strays === undefined ? name.span : between(strays, name.span);
      at += 1;
      continue;
    }
    flush();
    const type = entries?.value ?? (name.kind === "word" ? typeOf(name.text, inside) : undefined);
    let start = at + (written === expression ? 2 : 1);
    const sign = terms[start];
    const arrow = arrowAt(terms, start);
    // At the top of a file, `tools = [ hello ]` is a binding without its `let`.
    const isBinding = types === FILE && name.kind === "word" && !FILE.has(name.text);
    if (arrow !== undefined) {
      diagnostics.push(unneededSign(source, arrow));
      start += 2;
    } else if (sign?.kind === "operator" && sign.text === "=" && type?.starts(sign) === false && !isBinding) {
      diagnostics.push(unneededSign(source, sign.span));
      start += 1;
    }
    let end = start + (type?.take(terms, start) ?? 0);
    const wrapped = wrap({ terms, start, end, type, isName }, context);
    if (wrapped !== undefined) end = wrapped.end;
    const next = terms[end];
    // If a value is missing, the next word is the value, unless it is the name of a setting.
    const takesWord = wrapped === undefined && next?.kind === "word" && type !== undefined && !isName(end);
    if (takesWord && isIncomplete(type, terms, start)) end += 1;
    const valuesEnd = end;
    for (; end < terms.length; end += 1) {
      const term = terms[end] as RawTerm;
      // A path without quotes is a value. Only if another value follows is it a key that lacks its quotes.
      if ((isKey(term) && (term.kind !== "path" || isName(end))) || isQuotedName(end)) break;
    }
    const valueTerms =
      wrapped === undefined
        ? joined(terms, start, end)
        : [...joined(terms, start, wrapped.start), wrapped.term, ...joined(terms, valuesEnd, end)];
    const values: Term[] = [];
    for (const [i, term] of valueTerms.entries()) {
      const isSign = term.kind === "operator" && term.text === "=";
      if (isSign && valueTerms[i + 1]?.kind === "braces" && type?.inside !== undefined)
        diagnostics.push(unneededSign(source, term.span));
      else if (term.kind === "braces") values.push(blockTerm(term, type, insideOf(type, valueTerms), context));
      else if (term.kind === "list" && type?.hasItemBlocks === true) values.push(listTerm(term, type, context));
      else values.push(term);
    }
    const last = values.at(-1) ?? name;
    all.push({ name: name as Term, values, span: between(name.span, last.span) });
    at = end;
  }
  flush();
  return all;
}

const FILE = settingsByName(fileSettings);

/** Drops and reports `in` before a declaration, as in `let x = [ hello ] in image "a" { }`. */
function withoutIn(terms: readonly RawTerm[], { source, diagnostics }: Context): readonly RawTerm[] {
  const isIn = (term: RawTerm, at: number): boolean => {
    if (term.kind !== "word" || term.text !== "in") return false;
    const next = terms[at + 1];
    return next?.kind === "word" && FILE.has(next.text);
  };
  if (!terms.some(isIn)) return terms;
  return terms.filter((term, at) => {
    if (!isIn(term, at)) return true;
    diagnostics.push(unneededIn(source, term.span));
    return false;
  });
}

/** The span of `=>`, which the lexer divides into two operators. */
function arrowAt(terms: readonly RawTerm[], at: number): Span | undefined {
  const [first, second] = terms.slice(at, at + 2);
  const isArrow =
    first?.kind === "operator" && first.text === "=" && second?.kind === "operator" && second.text === ">";
  return isArrow && first.span.end === second.span.start ? between(first.span, second.span) : undefined;
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

/** `{ pkgs, ... }:` at the top of a file, as in Nix, which is reported. */
function isHeader(term: RawTerm, context: Context): boolean {
  const sign = diagnosticAfter(term.span.end, context);
  const { path, text } = context.source;
  if (term.kind !== "braces" || sign?.code !== "unneeded-sign" || text[sign.span.start] !== ":") return false;
  const span = between(term.span, sign.span);
  for (let offset = span.start; offset < span.end; offset++) {
    const found = context.found.get(offset);
    if (found !== undefined) context.explained.add(found);
  }
  const input = text.slice(span.start, span.end);
  const fix = { title: `remove \`${input}\``, edits: [{ file: path, span, text: "" }] };
  const found = diagnostic("nix-syntax", { file: path, span }, { input, instead: "" }, { fix });
  context.diagnostics.push({ ...found, severity: "error" });
  return true;
}

const UNIT = /^(?:[kKMGT]i?[bB]?|[bB]|ms|msecs?|s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?)$/;

/** Joins a number and its unit, as in `size <= 1 GB`. The joined text is no valid number, and is reported. */
function withUnits(
  terms: readonly RawTerm[],
  types: ReadonlyMap<string, unknown> | undefined,
  { source: { text } }: Context,
): readonly RawTerm[] {
  const isUnit = (at: number): boolean => {
    const [number, unit] = [terms[at], terms[at + 1]];
    if (number?.kind !== "literal" || unit?.kind !== "word" || !/^\d+$/.test(number.text)) return false;
    const blanks = text.slice(number.span.end, unit.span.start);
    return UNIT.test(unit.text) && types?.has(unit.text) === false && /^ +$/.test(blanks);
  };
  if (types === undefined || !terms.some((_, at) => isUnit(at))) return terms;
  const joinedTerms: RawTerm[] = [];
  for (let at = 0; at < terms.length; at += 1) {
    const term = terms[at] as RawTerm;
    const unit = terms[at + 1];
    if (isUnit(at) && term.kind === "literal" && unit?.kind === "word") {
      joinedTerms.push({ ...term, text: `${term.text} ${unit.text}`, span: between(term.span, unit.span) });
      at += 1;
    } else joinedTerms.push(term);
  }
  return joinedTerms;
}

/** `user:api`, if `user` is a setting: the name and the value, which are reported. */
function withoutColon(term: RawTerm, types: ReadonlyMap<string, unknown> | undefined, context: Context): RawTerm[] {
  if (term.kind !== "literal") return [term];
  const [, name = "", value = ""] = /^([A-Za-z_][\w-]*):(.+)$/.exec(term.text) ?? [];
  if (types?.has(name) !== true) return [term];
  const { start, end } = term.span;
  const colon = start + name.length;
  context.diagnostics.push(unneededSign(context.source, { start: colon, end: colon + 1 }));
  const kind = /^[A-Za-z_][\w.-]*$/.test(value) ? "word" : "literal";
  return [
    { kind: "word", text: name, span: { start, end: colon } },
    { kind, text: value, span: { start: colon + 1, end } },
  ];
}

/** `"tag": "v1"`, as in JSON. Reports the quotes, and returns the name without them. */
function unquoted(term: RawTerm, context: Context): RawTerm {
  const text = term.kind === "string" ? (plainText(term) ?? "") : "";
  const place = { file: context.source.path, span: term.span };
  const sign = diagnosticAfter(term.span.end, context);
  const edits = [{ ...place, text }];
  if (sign?.code === "unneeded-sign") {
    context.explained.add(sign);
    for (const edit of sign.fix?.edits ?? []) edits.push(edit);
  }
  const fix = { title: `write \`${text}\``, edits };
  context.diagnostics.push(diagnostic("quoted-name", place, { name: text, count: 1 }, { fix }));
  return { kind: "word", text, span: term.span };
}

function isText(term: RawTerm): boolean {
  return term.kind === "string" || term.kind === "literal";
}

function blockTerm(
  term: Extract<RawTerm, { kind: "braces" }>,
  type: Type<unknown> | undefined,
  inside: Inside | undefined,
  context: Context,
): Term {
  const diagnostics = type === undefined ? [] : context.diagnostics;
  const settings = arrange(term.terms, inside, { ...context, diagnostics });
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
