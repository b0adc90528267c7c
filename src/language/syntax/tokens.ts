// The token vocabulary. A string is a mode of its own; everything else is one flat mode.
import { Lexer, createToken, type IToken, type TokenType } from "chevrotain";

const name = String.raw`[A-Za-z_][\w'-]*`;
const attributes = String.raw`${name}(?:\.(?:${name}|"[^"\n]*"))*`;

const space = createToken({ name: "Space", pattern: /[\s\uFEFF]+/, group: Lexer.SKIPPED, line_breaks: true });
const comment = createToken({ name: "Comment", pattern: /#[^\n]*/, group: "comments" });
const slashed = createToken({ name: "Slashed", pattern: /[A-Za-z_][\w-]*(?:\/[\w-]+)+/ });
const word = createToken({ name: "Word", pattern: new RegExp(attributes) });
const literal = createToken({ name: "Literal", pattern: /[+-]?\d[\w.:/+-]*/ });
const path = createToken({ name: "Path", pattern: /(?:\.\.?)?\/[^\s"'[\]{}#$]*|\.\.?/ });
const reference = createToken({ name: "Reference", pattern: /\$[A-Za-z_][\w-]*/ });
const operator = createToken({ name: "Operator", pattern: /<=|>=|==|<|>|=/ });
const openList = createToken({ name: "OpenList", pattern: "[" });
const closeList = createToken({ name: "CloseList", pattern: "]" });
const openBlock = createToken({ name: "OpenBlock", pattern: "{" });
const closeBlock = createToken({ name: "CloseBlock", pattern: "}" });
const openQuote = createToken({ name: "OpenQuote", pattern: '"', push_mode: "quoted" });
const openIndented = createToken({ name: "OpenIndented", pattern: "''", push_mode: "indented" });
const stray = createToken({ name: "Stray", pattern: /[^\s#\w"'[\]{}]+|['$+-]/ });

// Whole interpolations are one token, so that a missing `}` cannot swallow the rest of the file.
const interpolation = createToken({
  name: "Interpolation",
  pattern: new RegExp(String.raw`\$\{[ \t]*(?:\$${name}|${attributes})[ \t]*\}`),
});
const badInterpolation = createToken({ name: "BadInterpolation", pattern: /\$\{[^"'\n{}]*\}?/ });
const dollar = createToken({ name: "Dollar", pattern: "$" });

const quotedText = createToken({ name: "QuotedText", pattern: /[^"\\$\n]+/ });
const escape = createToken({ name: "Escape", pattern: /\\[^\n]/ });
const backslash = createToken({ name: "Backslash", pattern: "\\" });
const closeQuote = createToken({ name: "CloseQuote", pattern: '"', pop_mode: true });
const lineEnd = createToken({ name: "LineEnd", pattern: "\n", pop_mode: true, line_breaks: true });

const indentedText = createToken({ name: "IndentedText", pattern: /[^'$]+/, line_breaks: true });
const indentedEscape = createToken({ name: "IndentedEscape", pattern: /'''|''\$|''\\[^]/, line_breaks: true });
const closeIndented = createToken({ name: "CloseIndented", pattern: "''", pop_mode: true });
const quoteMark = createToken({ name: "QuoteMark", pattern: "'" });

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

let lexer: Lexer | undefined;

/** Cuts a text into tokens; made on first use, since a command that reads no spec should not pay for it. */
export function tokenize(text: string): { tokens: IToken[]; comments: IToken[] } {
  lexer ??= new Lexer(
    { defaultMode: "main", modes },
    { positionTracking: "onlyOffset", ensureOptimizations: false, skipValidations: true },
  );
  const result = lexer.tokenize(text);
  return { tokens: result.tokens, comments: result.groups["comments"] ?? [] };
}
