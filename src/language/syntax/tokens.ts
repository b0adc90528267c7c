/** The tokens of the language. Strings have lexer modes of their own. */
import { Lexer, createToken, type IToken, type ITokenConfig, type TokenType } from "chevrotain";

const name = String.raw`[A-Za-z_][\w'-]*`;
const binding = String.raw`\$[A-Za-z_][\w-]*`;
const attributes = String.raw`${name}(?:\.(?:${name}|"[^"\n]*"))*`;

const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_";
/**
 * Start characters for patterns that can start with almost any character: one for each class of chevrotain's lookup
 * table.
 */
const any = [...Array(256).keys(), ...Array.from({ length: 256 }, (_, index) => Math.max(256, 255 * (index + 1)))];

/**
 * Creates a token type. Without its start characters, chevrotain analyses the pattern, which takes half the time of a
 * cold start.
 */
const token = (
  typeName: string,
  starts: string | number[],
  pattern: RegExp | string,
  more: Partial<ITokenConfig> = {},
) =>
  createToken({
    name: typeName,
    pattern,
    start_chars_hint: typeof starts === "string" ? starts.split("") : starts,
    ...more,
  });

/** Categories of tokens: values of one token, and parts of strings. */
const plain = createToken({ name: "Plain", pattern: Lexer.NA });
const stringPart = createToken({ name: "StringPart", pattern: Lexer.NA });
const isPlain = { categories: plain };
const isPart = { categories: stringPart };

const space = token("Space", any, /[\s\uFEFF]+/, { group: Lexer.SKIPPED });
const comment = token("Comment", "#", /#[^\n]*/, { group: "comments" });
const slashed = token("Slashed", letters, /[A-Za-z_][\w-]*(?:\/[\w-]+)+/, isPlain);
/** Text without quotes, such as `web:web`, or a setting and its value, as in `user:api`. */
const colons = token("Colons", letters, /[A-Za-z_][\w.-]*(?::[\w.-]+)+/, isPlain);
const word = token("Word", letters, new RegExp(attributes), isPlain);
const literal = token("Literal", "+-0123456789", /[+-]?\d[\w.:/+-]*/, isPlain);
/** An option of a command, which needs quotes. */
const option = token("Option", "-", /--?[A-Za-z][\w=.:/-]*/, isPlain);
const otherComment = token("OtherComment", "/", /(?<!\S)\/\/[^\n]*|\/\*[^]*?\*\//);
const path = token("Path", "./", /(?:\.\.?)?\/[^\s"'[\]{}#$]*|\.\.?/, isPlain);
const homePath = token("HomePath", "~", /~\/[^\s"'[\]{}#$]*/, isPlain);
const reference = token("Reference", "$", new RegExp(binding), isPlain);
const operator = token("Operator", "<>=", /<=|>=|==|<|>|=/, isPlain);
const openList = token("OpenList", "[", "[");
const closeList = token("CloseList", "]", "]");
const openBlock = token("OpenBlock", "{", "{");
const closeBlock = token("CloseBlock", "}", "}");
const openRound = token("OpenRound", "(", "(");
const closeRound = token("CloseRound", ")", ")");
const openQuote = token("OpenQuote", '"', '"', { push_mode: "quoted" });
const openIndented = token("OpenIndented", "'", "''", { push_mode: "indented" });
const otherQuotes = token("OtherQuotes", any, /'[^'\n]+'|`[^`\n]*`|‘[^’\n]*’|[“”„«][^“”„«»"\n]*[“”»]/);
const stray = token("Stray", any, /[^\s#\w"'[\]{}()`]+|['$+`-]/);

// Whole interpolations are one token, so that a missing `}` cannot swallow the rest of the file.
const interpolation = token(
  "Interpolation",
  "$",
  new RegExp(String.raw`\$\{[ \t]*(?:${binding}|${attributes})[ \t]*\}`),
  isPart,
);
const badInterpolation = token("BadInterpolation", "$", /\$\{[^"'\n{}]*\}?/, isPart);
const dollar = token("Dollar", "$", "$", isPart);

const quotedText = token("QuotedText", any, /[^"\\$\n]+/, isPart);
const escape = token("Escape", "\\", /\\[^\n]/, isPart);
const backslash = token("Backslash", "\\", "\\", isPart);
const closeQuote = token("CloseQuote", '"', '"', { pop_mode: true });
const lineEnd = token("LineEnd", "\n", "\n", { pop_mode: true });

const indentedText = token("IndentedText", any, /[^'$]+/, isPart);
const indentedEscape = token("IndentedEscape", "'", /'''|''\$|''\\[^]/, isPart);
const closeIndented = token("CloseIndented", "'", "''", { pop_mode: true });
const quoteMark = token("QuoteMark", "'", "'", isPart);

/** The token types, which are compared by identity. */
export const tokens = {
  plain,
  stringPart,
  slashed,
  colons,
  word,
  literal,
  path,
  homePath,
  reference,
  operator,
  openList,
  closeList,
  openBlock,
  closeBlock,
  openRound,
  closeRound,
  openQuote,
  openIndented,
  otherComment,
  otherQuotes,
  stray,
  interpolation,
  badInterpolation,
  escape,
  closeQuote,
  lineEnd,
  indentedEscape,
  closeIndented,
  quotedText,
  indentedText,
  comment,
};

/** The tokens of each mode, in the order in which the lexer tries them. */
export const modes = {
  main: [
    space,
    comment,
    slashed,
    colons,
    word,
    literal,
    option,
    otherComment,
    path,
    homePath,
    reference,
    operator,
    openList,
    closeList,
    openBlock,
    closeBlock,
    openRound,
    closeRound,
    openQuote,
    openIndented,
    otherQuotes,
    stray,
  ],
  quoted: [quotedText, escape, backslash, interpolation, badInterpolation, dollar, closeQuote, lineEnd],
  indented: [indentedText, indentedEscape, closeIndented, interpolation, badInterpolation, dollar, quoteMark],
};

/** Tokens that no valid text contains. */
export const mistakes: ReadonlySet<TokenType> = new Set([
  stray,
  option,
  colons,
  openRound,
  closeRound,
  homePath,
  otherComment,
  otherQuotes,
  backslash,
  badInterpolation,
  lineEnd,
]);

let lexer: Lexer | undefined;

/** Tokenizes a text. Creates the lexer at first use: commands that read no spec start faster. */
export function tokenize(text: string): { tokens: IToken[]; comments: IToken[] } {
  lexer ??= new Lexer(
    { defaultMode: "main", modes },
    { positionTracking: "onlyOffset", ensureOptimizations: true, skipValidations: true },
  );
  const result = lexer.tokenize(text);
  return { tokens: result.tokens, comments: result.groups["comments"] ?? [] };
}
