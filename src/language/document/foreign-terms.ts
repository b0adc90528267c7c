/** Reads terms in the habits of other languages as meant, and reports them: `=>`, `in`, `name:value`, quoted names, units apart. */
import { diagnostic } from "../../diagnostics/diagnostic.ts";
import { FILE_SETTINGS } from "../schema/file.ts";
import { unneededIn, unneededSign } from "../syntax/foreign-syntax.ts";
import { diagnosticAfter, type Context } from "./context.ts";
import type { RawTerm } from "../syntax/terms.ts";
import { between, plainText, type Span } from "../syntax/tree.ts";

/** Drops and reports `in` before a declaration, as in `let x = [ hello ] in image "a" { }`. */
export function withoutIn(terms: readonly RawTerm[], { source, diagnostics }: Context): readonly RawTerm[] {
  const isIn = (term: RawTerm, at: number): boolean => {
    if (term.kind !== "word" || term.text !== "in") return false;
    const next = terms[at + 1];
    return next?.kind === "word" && FILE_SETTINGS.has(next.text);
  };
  if (!terms.some(isIn)) return terms;
  return terms.filter((term, at) => {
    if (!isIn(term, at)) return true;
    diagnostics.push(unneededIn(source, term.span));
    return false;
  });
}

/** The span of `=>`, which the lexer divides into two operators. */
export function arrowAt(terms: readonly RawTerm[], at: number): Span | undefined {
  const first = terms[at];
  if (first?.kind !== "operator" || first.text !== "=") return undefined;
  const second = terms[at + 1];
  if (second?.kind !== "operator" || second.text !== ">") return undefined;
  return first.span.end === second.span.start ? between(first.span, second.span) : undefined;
}

/** `{ pkgs, ... }:` at the top of a file, as in Nix, which is reported. */
export function isHeader(term: RawTerm, context: Context): boolean {
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
export function withUnits(
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
export function withoutColon(
  term: RawTerm,
  types: ReadonlyMap<string, unknown> | undefined,
  context: Context,
): RawTerm[] {
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
export function unquoted(term: RawTerm, context: Context): RawTerm {
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
