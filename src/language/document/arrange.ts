/**
 * Divides the terms of a block into settings. No token ends a setting, so the schema decides how many terms belong to each.
 * Terms that do not fit stay with the setting before them, and the checker reports them.
 */
import { diagnostic, type Diagnostic } from "../../diagnostics/diagnostic.ts";
import { settingsByName } from "../types/setting.ts";
import { insideOf, insideOfItem, isIncomplete, type Inside, type Type } from "../types/type.ts";
import { fileSettings } from "../schema/file.ts";
import { synonymsIn } from "../schema/synonyms.ts";
import { unneededIn, unneededSign } from "../syntax/foreign-syntax.ts";
import { joinOperands } from "./concatenation.ts";
import { diagnosticAfter, type Context } from "./context.ts";
import { wrap, type Names } from "./missing-brackets.ts";
import { expressionAt, joined, type RawTerm } from "../syntax/terms.ts";
import { between, plainText, type Setting, type Span, type Term } from "../syntax/tree.ts";

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
    if (types === FILE && isHeader(name, context)) {
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
    const isBinding = types === FILE && name.kind === "word" && !FILE.has(name.text);
    if (arrow !== undefined) {
      diagnostics.push(unneededSign(source, arrow));
      start += 2;
    } else if (sign?.kind === "operator" && sign.text === "=" && type?.starts(sign) === false && !isBinding) {
      diagnostics.push(unneededSign(source, sign.span));
      start += 1;
    }
    let end = start + (type?.take(terms, start) ?? 0);
    const wrapped = wrap({ terms, start, end, type, names: block }, context);
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

/** The terms of a block, and which of them are names. */
class RawSettings implements Names {
  readonly terms: readonly RawTerm[];
  /** The known settings by name; undefined in a block of entries, and in an unknown block. */
  readonly types: ReturnType<typeof settingsByName> | undefined;
  readonly entries: Extract<Inside, { kind: "entries" }> | undefined;
  private readonly context: Context;

  constructor(terms: readonly RawTerm[], inside: Inside | undefined, context: Context) {
    this.types = inside?.kind === "settings" ? settingsByName(inside.settings()) : undefined;
    this.entries = inside?.kind === "entries" ? inside : undefined;
    this.context = context;
    const operands = context.hasConcatenation ? joinOperands(terms, context) : terms;
    const apart = withUnits(this.types === FILE ? withoutIn(operands, context) : operands, this.types, context);
    this.terms = terms.some(hasColon) ? apart.flatMap((term) => withoutColon(term, this.types, context)) : apart;
  }

  /** Whether a term can be the name of a setting or entry. */
  isKey(term: RawTerm): boolean {
    if (this.entries !== undefined) return this.entries.isKey(term);
    return term.kind === "word" || (this.types === undefined && isText(term));
  }

  /** Whether a term is the name of the next setting or entry, not a value. */
  isName(at: number): boolean {
    const word = this.terms[at];
    const next = this.terms[at + 1];
    if (this.entries === undefined)
      return (word?.kind === "word" && (this.types?.has(word.text) ?? false)) || this.isQuotedName(at);
    return word !== undefined && this.entries.isKey(word) && next !== undefined && this.entries.value.starts(next);
  }

  /** Whether a term is the name of a setting in quotes, with `:` or `=` after it. */
  isQuotedName(at: number): boolean {
    const term = this.terms[at];
    if (this.types === undefined || term?.kind !== "string") return false;
    const sign = this.terms[at + 1];
    const isAssigned = sign?.kind === "operator" && sign.text === "=";
    const after = isAssigned ? undefined : diagnosticAfter(term.span.end, this.context);
    if (!isAssigned && after?.code !== "unneeded-sign") return false;
    const text = plainText(term);
    if (text === undefined || !/^[A-Za-z][\w-]*$/.test(text)) return false;
    return after === undefined || this.types.has(text) || this.context.source.text[after.span.start] === ":";
  }
}

function hasColon(term: RawTerm): boolean {
  return term.kind === "literal" && term.text.includes(":");
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

/** The span of `=>`, which the lexer divides into two operators. */
function arrowAt(terms: readonly RawTerm[], at: number): Span | undefined {
  const first = terms[at];
  if (first?.kind !== "operator" || first.text !== "=") return undefined;
  const second = terms[at + 1];
  if (second?.kind !== "operator" || second.text !== ">") return undefined;
  return first.span.end === second.span.start ? between(first.span, second.span) : undefined;
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
  if (term.kind !== "braces") return false;
  const sign = diagnosticAfter(term.span.end, context);
  const { path, text } = context.source;
  if (sign?.code !== "unneeded-sign" || text[sign.span.start] !== ":") return false;
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
  if (types === undefined || !terms.some(isLiteral)) return terms;
  const isUnit = (at: number): boolean => {
    const number = terms[at];
    const unit = terms[at + 1];
    if (number?.kind !== "literal" || unit?.kind !== "word" || !/^\d+$/.test(number.text)) return false;
    const blanks = text.slice(number.span.end, unit.span.start);
    return UNIT.test(unit.text) && !types.has(unit.text) && /^ +$/.test(blanks);
  };
  if (!terms.some((_, at) => isUnit(at))) return terms;
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

function isLiteral(term: RawTerm): boolean {
  return term.kind === "literal";
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
