/** Accepts entries in the forms of other tools: `env [ "A=b" ]`, `env - A=b`, and `env [ { name "A" value "b" } ]`. */
import { diagnostic } from "../../diagnostics/diagnostic.ts";
import { insideOf, type Inside, type Type } from "../types/type.ts";
import type { RawTerm } from "../syntax/terms.ts";
import { between, plainText, type Span } from "../syntax/tree.ts";
import type { Context } from "./context.ts";

type Entries = Extract<Inside, { kind: "entries" }>;

/** An entry in another form. */
interface Listed {
  /** The number of its terms, and their span. */
  count: number;
  span: Span;
  /** The terms that the entry means, and the same as text. */
  terms: RawTerm[];
  written: string;
  /** The edits that write the entry in our form. They leave comments in the entry. */
  edits: Edit[];
}

interface Edit {
  span: Span;
  text: string;
}

type Reader = (terms: readonly RawTerm[], at: number, context: Context) => Listed | undefined;

interface Found {
  /** The number of terms that the entries take. */
  count: number;
  term: RawTerm;
}

/**
 * Reads entries at `at` in the form of another tool, and reports that; undefined if there are none. `start`: the first
 * value of the setting.
 */
export function listedEntries(
  terms: readonly RawTerm[],
  start: number,
  at: number,
  type: Type<unknown> | undefined,
  context: Context,
): Found | undefined {
  const first = terms[at];
  const inside = first === undefined ? undefined : insideOf(type, terms, start, at);
  if (inside?.kind !== "entries" || first === undefined) return undefined;
  if (inside.value.form.kind === "block") return first.kind === "list" ? whole(first, [blockItem], context) : undefined;
  if (!takesText(inside)) return undefined;
  if (first.kind === "list") return whole(first, [joinedString, assignment, pairItem], context);
  if (first.kind === "braces") {
    // In `labels { "a=b" "c" }`, `a=b` is a name.
    const isSure = first.terms.length % 2 === 1 || inside.isValidKey?.("A=b") === false;
    return isSure ? whole(first, [joinedString], context) : undefined;
  }
  const all = readAll(terms, at, [joinedString, assignment, yamlPair], context);
  const last = all.at(-1);
  if (last === undefined) return undefined;
  const count = all.reduce((sum, each) => sum + each.count, 0);
  return { count, term: made(all, between(first.span, last.span), false, context) };
}

/** Whether the values of entries may be strings. */
function takesText({ value }: Entries): boolean {
  return value.starts(EMPTY_STRING) && value.take([EMPTY_STRING], 0) === 1;
}
const EMPTY_STRING: RawTerm = { kind: "string", form: "quoted", parts: [], span: { start: 0, end: 0 } };

/** A list or block that consists of entries in another form. */
function whole(bracket: RawTerm & { terms: RawTerm[] }, readers: Reader[], context: Context): Found | undefined {
  const all = readAll(bracket.terms, 0, readers, context);
  const count = all.reduce((sum, each) => sum + each.count, 0);
  if (all.length === 0 || count < bracket.terms.length) return undefined;
  return { count: 1, term: made(all, bracket.span, true, context) };
}

function readAll(terms: readonly RawTerm[], start: number, readers: Reader[], context: Context): Listed[] {
  const all: Listed[] = [];
  for (let at = start; at < terms.length;) {
    const found = readers.reduce<Listed | undefined>((known, read) => known ?? read(terms, at, context), undefined);
    if (found === undefined) break;
    all.push(found);
    at += found.count;
  }
  return all;
}

/** `"A=b"`. */
function joinedString(terms: readonly RawTerm[], at: number, { source }: Context): Listed | undefined {
  const term = terms[at];
  if (term?.kind !== "string" || term.form !== "quoted") return undefined;
  const [first, ...rest] = term.parts;
  const sign = /^([\w./-]+)[ \t]*=[ \t]*/.exec(first?.kind === "text" ? first.text : "");
  const raw = source.text.slice(term.span.start + 1, term.span.end - 1);
  const name = sign?.[1];
  if (first?.kind !== "text" || sign === null || name === undefined || !raw.startsWith(sign[0])) return undefined;
  const parts = [{ ...first, text: first.text.slice(sign[0].length) }, ...rest];
  const written = `${writtenName(name)} "${raw.slice(sign[0].length)}"`;
  const edits = [{ span: term.span, text: written }];
  return { count: 1, span: term.span, terms: [nameTerm(name, term.span), { ...term, parts }], written, edits };
}

/** `A=b`, without quotes. */
function assignment(terms: readonly RawTerm[], at: number, context: Context): Listed | undefined {
  const [name, sign, value] = terms.slice(at, at + 3);
  if (name?.kind !== "word" || sign?.kind !== "operator" || sign.text !== "=" || value === undefined) return undefined;
  const isJoined = name.span.end === sign.span.start && sign.span.end === value.span.start;
  const content = isJoined ? contentOf(value, context) : undefined;
  if (content === undefined) return undefined;
  const span = between(name.span, value.span);
  const written = `${name.text} ${content.written}`;
  return { count: 3, span, terms: [name, content.term], written, edits: [{ span, text: written }] };
}

/** `{ name "A" value "b" }`, as in Kubernetes. */
function pairItem(terms: readonly RawTerm[], at: number, context: Context): Listed | undefined {
  const term = terms[at];
  if (term?.kind !== "braces" || term.terms.length !== 4) return undefined;
  const found = pair(term.terms, 0, context);
  const [name, value] = found?.edits ?? [];
  if (found === undefined || name === undefined || value === undefined) return undefined;
  const edits = [
    { span: { start: term.span.start, end: name.span.end }, text: name.text },
    { span: { start: value.span.start, end: term.span.end }, text: value.text },
  ];
  return { ...found, count: 1, span: term.span, edits };
}

/** `- name: A  value: b`, as in Kubernetes. The dash and the colons are no terms. */
function yamlPair(terms: readonly RawTerm[], at: number, context: Context): Listed | undefined {
  const term = terms[at];
  return term !== undefined && dashBefore(term.span.start, context) > 0 ? pair(terms, at, context) : undefined;
}

function pair(terms: readonly RawTerm[], at: number, context: Context): Listed | undefined {
  const [first, name, second, value] = terms.slice(at, at + 4);
  const isNamed = first?.kind === "word" && /^(?:name|key)$/i.test(first.text);
  const isValued = second?.kind === "word" && /^value$/i.test(second.text);
  if (!isNamed || !isValued || name === undefined || value === undefined) return undefined;
  const [key, content] = [textOf(name), contentOf(value, context)];
  if (key === undefined || content === undefined) return undefined;
  return {
    count: 4,
    span: between(first.span, value.span),
    terms: [nameTerm(key, name.span), content.term],
    written: `${writtenName(key)} ${content.written}`,
    edits: [
      { span: between(first.span, name.span), text: writtenName(key) },
      { span: between(second.span, value.span), text: content.written },
    ],
  };
}

/** `{ name "api" uid 1000 }`, where the name is the key of an entry. */
function blockItem(terms: readonly RawTerm[], at: number, { source }: Context): Listed | undefined {
  const term = terms[at];
  if (term?.kind !== "braces") return undefined;
  const [first, name, ...rest] = term.terms;
  const key = name === undefined ? undefined : textOf(name);
  const isNamed = first?.kind === "word" && /^(?:user|group)?name$|^(?:path|glob)$/i.test(first.text);
  if (!isNamed || name === undefined || key === undefined) return undefined;
  const block: RawTerm = { kind: "braces", terms: rest, span: term.span };
  const opening = `${writtenName(key)} {`;
  return {
    count: 1,
    span: term.span,
    terms: [nameTerm(key, name.span), block],
    written: opening + source.text.slice(name.span.end, term.span.end),
    edits: [{ span: { start: term.span.start, end: name.span.end }, text: opening }],
  };
}

/** The string that a value means, and the same as text. */
function contentOf(value: RawTerm, { source }: Context): { term: RawTerm; written: string } | undefined {
  const { span } = value;
  if (value.kind === "string") return { term: value, written: source.text.slice(span.start, span.end) };
  const text = textOf(value);
  return text === undefined ? undefined : { term: stringOf(text, span), written: `"${text}"` };
}

function stringOf(text: string, span: Span): RawTerm {
  return { kind: "string", form: "quoted", parts: [{ kind: "text", text, span }], span };
}

function textOf(term: RawTerm): string | undefined {
  if (term.kind === "string") return plainText(term);
  return "text" in term && term.kind !== "operator" ? term.text : undefined;
}

function nameTerm(text: string, span: Span): RawTerm {
  return isWord(text) ? { kind: "word", text, span } : stringOf(text, span);
}

function writtenName(name: string): string {
  return isWord(name) ? name : JSON.stringify(name);
}

function isWord(text: string): boolean {
  return /^[A-Za-z_][\w-]*$/.test(text);
}

/** The number of characters from a dash of YAML to an offset; 0 if no dash is there. */
function dashBefore(offset: number, { source: { text } }: Context): number {
  return /(?<!\S)-\s+$/.exec(text.slice(Math.max(0, offset - MAX_BLANKS), offset))?.[0].length ?? 0;
}
const MAX_BLANKS = 200;

/** The block of the entries, which is reported. `hasBrackets`: whether the span starts and ends with a bracket. */
function made(all: readonly Listed[], span: Span, hasBrackets: boolean, context: Context): RawTerm {
  const edits: Edit[] = [];
  for (const entry of all) {
    const start = entry.span.start - dashBefore(entry.span.start, context);
    // The signs and blocks in an entry need no diagnostics of their own.
    for (let offset = start; offset < entry.span.end; offset++) {
      const found = context.found.get(offset);
      if (found?.code === "unneeded-sign" || found?.code === "block-in-list") context.explained.add(found);
    }
    for (const [i, edit] of entry.edits.entries())
      edits.push(i === 0 ? { ...edit, span: { start, end: edit.span.end } } : edit);
  }
  const [first, last] = [edits[0], edits.at(-1)];
  if (hasBrackets) {
    edits.unshift({ span: { start: span.start, end: span.start + 1 }, text: "{" });
    edits.push({ span: { start: span.end - 1, end: span.end }, text: "}" });
  } else if (first !== undefined && last !== undefined) {
    first.text = `{ ${first.text}`;
    last.text = `${last.text} }`;
  }
  const instead = `{ ${all.map(({ written }) => written).join(" ")} }`;
  const file = context.source.path;
  const fix = { title: `write \`${instead}\``, edits: edits.map((edit) => ({ file, ...edit })) };
  context.diagnostics.push(diagnostic("listed-entries", { file, span }, { instead }, { fix }));
  return { kind: "braces", terms: all.flatMap(({ terms }) => terms), span };
}
