/** Reads text to nested terms. Never fails: reports and repairs wrong brackets, strings and characters. */
import { diagnostic, type Diagnostic } from "../../diagnostics/diagnostic.ts";
import { balance, spanOf, TOP_LEVEL } from "./balance.ts";
import { joinBareText } from "./bare-text.ts";
import { parseTerms } from "./grammar.ts";
import type { RawTerm } from "./terms.ts";
import { tokenizeQuoted, type MissingQuote } from "./quotes.ts";
import { needsNoRepair } from "./regular.ts";
import { LexedText, TokenList } from "./tokens.ts";
import type { Source, Span } from "./tree.ts";

interface Read {
  terms: RawTerm[];
  comments: Span[];
  diagnostics: Diagnostic[];
}

/** Long texts are parsed in pieces of about 32 KiB, so that short-lived tokens stay cheap for the garbage collector. */
const PIECE = 1 << 15;
const DECLARATION = new RegExp(`^(?:${[...TOP_LEVEL].join("|")})\\b`, "gm");

/** The replacement character, which decoders put in place of bytes that are not UTF-8. */
export const NOT_UTF8 = "\ufffd";

/** The terms and comments of a text, and diagnostics of its brackets, strings and characters. */
export function read(source: Source): Read {
  const all: Read = { terms: [], comments: [], diagnostics: [] };
  const { text } = source;
  const strange = text.indexOf(NOT_UTF8);
  if (strange >= 0) {
    const span = { start: strange, end: strange + NOT_UTF8.length };
    all.diagnostics.push(diagnostic("not-utf-8", { file: source.path, span }, {}));
  }
  const lexed = new LexedText(text);
  let start = 0;
  while (start < text.length) {
    const end = pieceEnd(text, start);
    const piece = readRegular(source, lexed, start, end) ?? readPiece(source, start, end);
    // If a piece has diagnostics, its end may be inside a string or bracket. Then the rest of the text is parsed as one
    // piece.
    const whole = end === text.length || piece.diagnostics.length === 0;
    const { terms, comments, diagnostics } = whole ? piece : readPiece(source, start, text.length);
    for (const term of terms) all.terms.push(term);
    for (const comment of comments) all.comments.push(comment);
    for (const found of diagnostics) all.diagnostics.push(found);
    start = whole ? end : text.length;
  }
  return all;
}

/** The offset of the first declaration, at the start of a line, after PIECE characters. */
function pieceEnd(text: string, start: number): number {
  DECLARATION.lastIndex = start + PIECE;
  return DECLARATION.exec(text)?.index ?? text.length;
}

/** Reads a piece that needs no repair; undefined for any other piece. */
function readRegular(source: Source, lexed: LexedText, start: number, end: number): Read | undefined {
  lexed.read(start, end);
  if (!needsNoRepair(lexed, source.text)) return undefined;
  const diagnostics: Diagnostic[] = [];
  return { terms: parseTerms(source, lexed, diagnostics), comments: lexed.comments, diagnostics };
}

function readPiece(source: Source, start: number, end: number): Read {
  const { tokens, comments, missing } = tokenizeQuoted(source.text.slice(start, end));
  // Offsets in the piece become offsets in the text.
  for (const token of tokens) token.startOffset += start;
  for (const comment of comments) comment.startOffset += start;
  const diagnostics: Diagnostic[] = missing.map((each) => wrongQuote(source, each, start));
  const balanced = new TokenList(balance(source, joinBareText(tokens), diagnostics));
  const terms = parseTerms(source, balanced, diagnostics);
  return { terms, comments: comments.map(spanOf), diagnostics };
}

function wrongQuote({ path }: Source, { side, quote, offset, isSure, span }: MissingQuote, start: number): Diagnostic {
  const at = start + offset;
  const place = { file: path, span: { start: start + span.start, end: start + span.end } };
  const edit = { file: path, span: { start: at, end: at }, text: quote };
  const fix = { title: `add \`${quote}\``, edits: [edit] };
  const details = isSure ? { fix } : { choices: [fix] };
  return diagnostic(side === "opening" ? "unopened-string" : "unclosed-string", place, { quote }, details);
}
