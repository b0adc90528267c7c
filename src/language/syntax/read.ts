// Text to nested terms. It never fails: what is wrong with brackets, strings and characters is reported and made good.
import { diagnostic, type Diagnostic } from "../../diagnostics/diagnostic.ts";
import { balance, spanOf, topLevel } from "./balance.ts";
import { grammar } from "./grammar.ts";
import type { RawTerm } from "./terms.ts";
import { tokenize } from "./tokens.ts";
import type { Source, Span } from "./tree.ts";

interface Read {
  terms: RawTerm[];
  comments: Span[];
  diagnostics: Diagnostic[];
}

/** A long text is read in pieces of about so many characters: tokens that are soon gone cost the memory's keeper little. */
const PIECE = 1 << 15;
const DECLARATION = new RegExp(`^(?:${[...topLevel].join("|")})\\b`, "gm");

/** The replacement character that decoders write for bytes that are not UTF-8. */
export const NOT_UTF8 = "\ufffd";

/** The terms of a whole text, its comments, and what was wrong with its brackets and strings. */
export function read(source: Source): Read {
  const all: Read = { terms: [], comments: [], diagnostics: [] };
  const { text } = source;
  const strange = text.indexOf(NOT_UTF8);
  if (strange >= 0) {
    const span = { start: strange, end: strange + NOT_UTF8.length };
    all.diagnostics.push(diagnostic("not-utf-8", { file: source.path, span }, {}));
  }
  let start = 0;
  while (start < text.length) {
    const end = pieceEnd(text, start);
    const piece = readPiece(source, start, end);
    // Where the cut may have gone through a string or a bracket, the rest is one piece.
    const whole = end === text.length || piece.diagnostics.length === 0;
    const { terms, comments, diagnostics } = whole ? piece : readPiece(source, start, text.length);
    for (const term of terms) all.terms.push(term);
    for (const comment of comments) all.comments.push(comment);
    for (const found of diagnostics) all.diagnostics.push(found);
    start = whole ? end : text.length;
  }
  return all;
}

/** The first declaration at the start of a line that makes the piece long enough. */
function pieceEnd(text: string, start: number): number {
  DECLARATION.lastIndex = start + PIECE;
  return DECLARATION.exec(text)?.index ?? text.length;
}

function readPiece(source: Source, start: number, end: number): Read {
  const { tokens, comments } = tokenize(source.text.slice(start, end));
  // Tokens of a piece become tokens of the text.
  for (const token of tokens) token.startOffset += start;
  for (const comment of comments) comment.startOffset += start;
  const diagnostics: Diagnostic[] = [];
  const parser = grammar();
  parser.source = source;
  parser.diagnostics = diagnostics;
  parser.input = balance(source, tokens, diagnostics);
  const terms = parser.file();
  const [broken] = parser.errors;
  if (broken !== undefined) throw new Error(`balanced tokens do not follow the grammar: ${broken.message}`);
  return { terms, comments: comments.map(spanOf), diagnostics };
}
