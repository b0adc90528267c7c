// The token vocabulary. A string is a mode of its own; everything else is one flat mode.
import { lexer, type Cut, type TokenType } from "./lexer.ts";

const name = String.raw`[A-Za-z_][\w'-]*`;
const attributes = String.raw`${name}(?:\.(?:${name}|"[^"\n]*"))*`;
const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_";

/** A type that starts with one of some characters; with any where there are none. */
const token = (
  typeName: string,
  starts: string,
  pattern: string | RegExp,
  more: Partial<TokenType> = {},
): TokenType => ({
  name: typeName,
  starts,
  pattern,
  ...more,
});

const space = token("Space", "", /[\s\uFEFF]+/, { apart: "space" });
const comment = token("Comment", "#", /#[^\n]*/, { apart: "comment" });
const slashed = token("Slashed", letters, /[A-Za-z_][\w-]*(?:\/[\w-]+)+/);
const word = token("Word", letters, new RegExp(attributes));
const literal = token("Literal", "+-0123456789", /[+-]?\d[\w.:/+-]*/);
const path = token("Path", "./", /(?:\.\.?)?\/[^\s"'[\]{}#$]*|\.\.?/);
const reference = token("Reference", "$", /\$[A-Za-z_][\w-]*/);
const operator = token("Operator", "<>=", /<=|>=|==|<|>|=/);
const openList = token("OpenList", "[", "[");
const closeList = token("CloseList", "]", "]");
const openBlock = token("OpenBlock", "{", "{");
const closeBlock = token("CloseBlock", "}", "}");
const openQuote = token("OpenQuote", '"', '"', { push: "quoted" });
const openIndented = token("OpenIndented", "'", "''", { push: "indented" });
const stray = token("Stray", "", /[^\s#\w"'[\]{}]+|['$+-]/);

// Whole interpolations are one token, so that a missing `}` cannot swallow the rest of the file.
const interpolation = token(
  "Interpolation",
  "$",
  new RegExp(String.raw`\$\{[ \t]*(?:\$${name}|${attributes})[ \t]*\}`),
);
const badInterpolation = token("BadInterpolation", "$", /\$\{[^"'\n{}]*\}?/);
const dollar = token("Dollar", "$", "$");

const quotedText = token("QuotedText", "", /[^"\\$\n]+/);
const escape = token("Escape", "\\", /\\[^\n]/);
const backslash = token("Backslash", "\\", "\\");
const closeQuote = token("CloseQuote", '"', '"', { pops: true });
const lineEnd = token("LineEnd", "\n", "\n", { pops: true });

const indentedText = token("IndentedText", "", /[^'$]+/);
const indentedEscape = token("IndentedEscape", "'", /'''|''\$|''\\[^]/);
const closeIndented = token("CloseIndented", "'", "''", { pops: true });
const quoteMark = token("QuoteMark", "'", "'");

/** The token types, for comparing by identity. */
export const tokens = {
  slashed,
  word,
  literal,
  path,
  reference,
  operator,
  openList,
  closeList,
  openBlock,
  closeBlock,
  openQuote,
  openIndented,
  stray,
  interpolation,
  badInterpolation,
  escape,
  closeQuote,
  lineEnd,
  indentedEscape,
  closeIndented,
};

/** The tokens of each mode, in the order they are tried. */
export const modes = {
  main: [
    space,
    comment,
    slashed,
    word,
    literal,
    path,
    reference,
    operator,
    openList,
    closeList,
    openBlock,
    closeBlock,
    openQuote,
    openIndented,
    stray,
  ],
  quoted: [quotedText, escape, backslash, interpolation, badInterpolation, dollar, closeQuote, lineEnd],
  indented: [indentedText, indentedEscape, closeIndented, interpolation, badInterpolation, dollar, quoteMark],
};

/** Tokens that no right text has. */
export const mistakes: ReadonlySet<TokenType> = new Set([stray, backslash, badInterpolation, lineEnd]);

let cut: ((text: string) => Cut) | undefined;

/** Cuts a text into tokens; made on first use, since a command that reads no spec should not pay for it. */
export function tokenize(text: string): Cut {
  cut ??= lexer(modes, "main");
  return cut(text);
}
