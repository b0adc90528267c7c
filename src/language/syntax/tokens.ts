/** The tokens of the language. Strings have lexer modes of their own. */

/** A mode of the lexer: the text outside of strings, or inside of a string of one form. */
type Mode = "main" | "quoted" | "indented";

export interface TokenType {
  name: string;
  pattern: RegExp | string;
  /** The characters that a match can start with; undefined if these are most characters. */
  starts: string | undefined;
  /** The value of a single token, or a part of a string. */
  category: "plain" | "string-part" | undefined;
  /** The mode after the token. */
  mode: Mode | undefined;
}

export interface Token {
  tokenType: TokenType;
  /** The text of the token; empty for a token that the text lacks. */
  image: string;
  startOffset: number;
}

const name = String.raw`[A-Za-z_][\w'-]*`;
const binding = String.raw`\$[A-Za-z_][\w-]*`;
const attributes = String.raw`${name}(?:\.(?:${name}|"[^"\n]*"))*`;
const interpolationPattern = String.raw`\$\{[ \t]*(?:${binding}|${attributes})[ \t]*\}`;

const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_";
const any = undefined;

const token = (
  typeName: string,
  starts: string | undefined,
  pattern: RegExp | string,
  more: Partial<Pick<TokenType, "category" | "mode">> = {},
): TokenType => ({ name: typeName, starts, pattern, category: more.category, mode: more.mode });

const isPlain = { category: "plain" } as const;
const isPart = { category: "string-part" } as const;

const space = token("Space", any, /[\s\uFEFF]+/);
const comment = token("Comment", "#", /#[^\n]*/);
const slashed = token("Slashed", letters, /[A-Za-z_][\w-]*(?:\/[\w-]+)+/, isPlain);
/** Text without quotes, such as `web:web`, or a setting and its value, as in `user:api`. */
const colons = token("Colons", letters, /[A-Za-z_][\w.-]*(?::[\w.-]+)+/, isPlain);
const word = token("Word", letters, new RegExp(attributes), isPlain);
const literal = token("Literal", "+-0123456789", /[+-]?\d[\w.:/+-]*/, isPlain);
/** An option of a command, which needs quotes. */
const option = token("Option", "-", /--?[A-Za-z][\w=.:/-]*/, isPlain);
/**
 * Comments of other languages. `--` and `%` also start a comment after a value, if no bracket or quote follows on the line. The
 * search for the end of a comment stops at the next start of one: otherwise, many starts would take quadratic time.
 */
const otherComment = token(
  "OtherComment",
  "/-;%<",
  /(?<!\S)\/\/[^\n]*|(?<!\S[ \t]*)(?:--|;+|%+)[ \t]+\w[^\n]*|(?<=[ \t])(?:--|%+)[ \t]+\w[^\n"[\]{}]*(?![^\n])|\/\*(?:(?!\/\*)[^])*?\*\/|<!--(?:(?!<!--)[^])*?-->/,
);
const path = token("Path", "./", /(?:\.\.?)?\/[^\s"'[\]{}#$]*|\.\.?/, isPlain);
const homePath = token("HomePath", "~", /~\/[^\s"'[\]{}#$]*/, isPlain);
/** `${name}`, which has a meaning in strings only. */
const bareInterpolation = token("BareInterpolation", "$", new RegExp(interpolationPattern), isPlain);
const reference = token("Reference", "$", new RegExp(binding), isPlain);
const operator = token("Operator", "<>=", /<=|>=|==|<|>|=/, isPlain);
const openList = token("OpenList", "[", "[");
const closeList = token("CloseList", "]", "]");
const openBlock = token("OpenBlock", "{", "{");
const closeBlock = token("CloseBlock", "}", "}");
const openRound = token("OpenRound", "(", "(");
const closeRound = token("CloseRound", ")", ")");
const openQuote = token("OpenQuote", '"', '"', { mode: "quoted" });
const openIndented = token("OpenIndented", "'", "''", { mode: "indented" });
const otherQuotes = token("OtherQuotes", any, /'[^'\n]+'|`[^`\n]*`|‘[^’\n]*’|[“”„«][^“”„«»"\n]*[“”»]/);
const stray = token("Stray", any, /(?:(?!\$[{A-Za-z_])[^\s#\w"'[\]{}()`])+|['$+`-]/);

// Whole interpolations are one token, so that a missing `}` cannot swallow the rest of the file.
const interpolation = token("Interpolation", "$", new RegExp(interpolationPattern), isPart);
const badInterpolation = token("BadInterpolation", "$", /\$\{[^"'\n{}]*\}?/, isPart);
const dollar = token("Dollar", "$", "$", isPart);

const quotedText = token("QuotedText", any, /[^"\\$\n]+/, isPart);
const escape = token("Escape", "\\", /\\[^\n]/, isPart);
const backslash = token("Backslash", "\\", "\\", isPart);
const closeQuote = token("CloseQuote", '"', '"', { mode: "main" });
const lineEnd = token("LineEnd", "\n", "\n", { mode: "main" });

const indentedText = token("IndentedText", any, /[^'$]+/, isPart);
const indentedEscape = token("IndentedEscape", "'", /'''|''\$|''\\[^]/, isPart);
const closeIndented = token("CloseIndented", "'", "''", { mode: "main" });
const quoteMark = token("QuoteMark", "'", "'", isPart);

/** The token types, which are compared by identity. */
export const tokens = {
  slashed,
  colons,
  word,
  literal,
  path,
  homePath,
  bareInterpolation,
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

/** The tokens of each mode, in the order in which the lexer tries them. The tokens of a mode match any character. */
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
    bareInterpolation,
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
} satisfies Record<Mode, TokenType[]>;

/** Tokens that no valid text contains. */
export const mistakes: ReadonlySet<TokenType> = new Set([
  stray,
  option,
  colons,
  openRound,
  closeRound,
  homePath,
  bareInterpolation,
  otherComment,
  otherQuotes,
  backslash,
  badInterpolation,
  lineEnd,
]);

/** A token type with its pattern as the lexer needs it: at the current offset only. */
interface Rule {
  type: TokenType;
  pattern: RegExp | string;
}

/** The rules of a mode by the code of their first character. The last list is that of the other characters. */
type Rules = readonly (readonly Rule[])[];

const ASCII = 128;

function rulesOf(types: readonly TokenType[]): Rules {
  const rules = types.map((type) => {
    const { pattern } = type;
    return { type, pattern: typeof pattern === "string" ? pattern : new RegExp(pattern.source, "y") };
  });
  const startingWith = (character: string): Rule[] =>
    rules.filter(({ type: { starts } }) => starts === undefined || (character !== "" && starts.includes(character)));
  return Array.from({ length: ASCII + 1 }, (_, code) => startingWith(code < ASCII ? String.fromCharCode(code) : ""));
}

let lexer: Record<Mode, Rules> | undefined;

/** Tokenizes a text. Creates the lexer at first use: commands that read no spec start faster. */
export function tokenize(text: string): { tokens: Token[]; comments: Token[] } {
  lexer ??= { main: rulesOf(modes.main), quoted: rulesOf(modes.quoted), indented: rulesOf(modes.indented) };
  const found: Token[] = [];
  const comments: Token[] = [];
  let rules = lexer.main;
  for (let at = 0; at < text.length;) {
    const candidates = rules[Math.min(text.charCodeAt(at), ASCII)] ?? [];
    let end = at;
    for (let i = 0; end === at; i++) {
      const rule = candidates[i];
      if (rule === undefined) throw new Error(`no token matches at offset ${at}`);
      const { type, pattern } = rule;
      end = endOfMatch(text, at, pattern);
      if (end === at || type === space) continue;
      const matched = { tokenType: type, image: text.slice(at, end), startOffset: at };
      (type === comment ? comments : found).push(matched);
      if (type.mode !== undefined) rules = lexer[type.mode];
    }
    at = end;
  }
  return { tokens: found, comments };
}

/** The end of the match of a pattern at an offset; the offset itself if nothing matches. */
function endOfMatch(text: string, at: number, pattern: RegExp | string): number {
  if (typeof pattern === "string") return text.startsWith(pattern, at) ? at + pattern.length : at;
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : at;
}
