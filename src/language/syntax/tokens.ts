/** The tokens of the language. Strings have lexer modes of their own. */
import type { Span } from "./tree.ts";

/** A mode of the lexer: the text outside of strings, or inside of a string of one form. */
type Mode = "main" | "quoted" | "indented";

export interface TokenType {
  name: string;
  pattern: RegExp | string;
  /** The characters, or their pattern, that a match can start with; undefined if these are most characters. */
  starts: string | RegExp | undefined;
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
  starts: string | RegExp | undefined,
  pattern: RegExp | string,
  more: Partial<Pick<TokenType, "category" | "mode">> = {},
): TokenType => ({ name: typeName, starts, pattern, category: more.category, mode: more.mode });

const isPlain = { category: "plain" } as const;
const isPart = { category: "string-part" } as const;

const space = token("Space", /[\s\uFEFF]/, /[\s\uFEFF]+/);
const comment = token("Comment", "#", /#[^\n]*/);
const slashed = token("Slashed", letters, /[A-Za-z_][\w-]*(?:\/[\w-]+)+/, isPlain);
/** Text without quotes, such as `web:web`, or a setting and its value, as in `user:api`. */
const colons = token("Colons", letters, /[A-Za-z_][\w.-]*(?::[\w.-]+)+/, isPlain);
const word = token("Word", letters, new RegExp(attributes), isPlain);
const literal = token("Literal", "+-0123456789", /[+-]?\d[\w.:/+-]*/, isPlain);
/** An option of a command, which needs quotes. */
const option = token("Option", "-", /--?[A-Za-z][\w=.:/-]*/, isPlain);
/**
 * Comments of other languages. After a value, `--` and `%` also start a comment, if no bracket or quote follows on the line. The
 * search for a closing mark ends at the next opening mark, since many opening marks would otherwise take quadratic time.
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

const quotedText = token("QuotedText", /[^"\\$\n]/, /[^"\\$\n]+/, isPart);
const escape = token("Escape", "\\", /\\[^\n]/, isPart);
const backslash = token("Backslash", "\\", "\\", isPart);
const closeQuote = token("CloseQuote", '"', '"', { mode: "main" });
const lineEnd = token("LineEnd", "\n", "\n", { mode: "main" });

const indentedText = token("IndentedText", /[^'$]/, /[^'$]+/, isPart);
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

const ASCII = 128;

/** The rules of a mode. */
class Rules {
  private readonly all: readonly Rule[];
  /** The rules by the code of a text's first character, found at first use. The last list is for all characters outside of ASCII. */
  private readonly byFirst: (readonly Rule[] | undefined)[] = Array.from({ length: ASCII + 1 });

  constructor(types: readonly TokenType[]) {
    this.all = types.map((type) => {
      const { pattern } = type;
      return { type, pattern: typeof pattern === "string" ? pattern : new RegExp(pattern.source, "y") };
    });
  }

  /** The rules that can match a text that starts with a character. */
  startingWith(code: number): readonly Rule[] {
    const index = Math.min(code, ASCII);
    return (this.byFirst[index] ??= this.find(index < ASCII ? String.fromCharCode(index) : ""));
  }

  private find(character: string): Rule[] {
    return this.all.filter(({ type: { starts } }) => {
      if (starts instanceof RegExp) return character === "" || starts.test(character);
      return starts === undefined || (character !== "" && starts.includes(character));
    });
  }
}

/** Creates the rules at first use: commands that read no spec start faster. */
let lexer: (Record<Mode, Rules> & { wordCharacters: Uint8Array }) | undefined;

function makeLexer(): NonNullable<typeof lexer> {
  const wordCharacters = new Uint8Array(ASCII);
  for (let code = 0; code < ASCII; code++) {
    const character = String.fromCharCode(code);
    if (letters.includes(character)) wordCharacters[code] = STARTS_WORD;
    else if (/[\w-]/.test(character)) wordCharacters[code] = IN_WORD;
    else if (/['./:]/.test(character)) wordCharacters[code] = MAY_CONTINUE;
  }
  return {
    main: new Rules(modes.main),
    quoted: new Rules(modes.quoted),
    indented: new Rules(modes.indented),
    wordCharacters,
  };
}

/**
 * Kinds of characters in words. A character of the kind `MAY_CONTINUE` may continue a word, or make a longer token of the word
 * and the text after it.
 */
const [STARTS_WORD, IN_WORD, MAY_CONTINUE] = [1, 2, 3];

/** Tokens by their indexes. */
export interface Tokens {
  readonly length: number;
  /** The type of a token; undefined at the end. */
  type(at: number): TokenType | undefined;
  start(at: number): number;
  end(at: number): number;
  image(at: number): string;
}

/** Tokens that repairs have changed, so that their texts may differ from the source. */
export class TokenList implements Tokens {
  readonly length: number;
  private readonly all: readonly Token[];

  constructor(all: readonly Token[]) {
    this.all = all;
    this.length = all.length;
  }

  type(at: number): TokenType | undefined {
    return this.all[at]?.tokenType;
  }

  start(at: number): number {
    return (this.all[at] as Token).startOffset;
  }

  end(at: number): number {
    return this.start(at) + this.image(at).length;
  }

  image(at: number): string {
    return (this.all[at] as Token).image;
  }
}

/**
 * The tokens of a part of a text, in one array for each property. One object reads many parts, so that tokens leave no work to
 * the garbage collector.
 */
export class LexedText implements Tokens {
  length = 0;
  comments: Span[] = [];
  /** Whether the part ends at the end of a token, outside of strings. */
  isComplete = true;
  /** Whether the part has a token that no valid text contains. */
  hasMistakes = false;
  private readonly text: string;
  private readonly types: TokenType[] = [];
  private readonly starts: number[] = [];
  private readonly ends: number[] = [];

  constructor(text: string) {
    this.text = text;
  }

  type(at: number): TokenType | undefined {
    return at < this.length ? this.types[at] : undefined;
  }

  start(at: number): number {
    return this.starts[at] as number;
  }

  end(at: number): number {
    return this.ends[at] as number;
  }

  image(at: number): string {
    return this.text.slice(this.starts[at], this.ends[at]);
  }

  /** Reads the tokens from `start` to `end`. A token may extend beyond `end`; then the part is not complete. */
  read(start: number, end: number): void {
    lexer ??= makeLexer();
    const { text } = this;
    this.length = 0;
    this.comments = [];
    this.hasMistakes = false;
    let rules = lexer.main;
    let at = start;
    while (at < end) {
      const code = text.charCodeAt(at);
      if (rules === lexer.main) {
        if (code === SPACE || code === LINE_FEED) {
          at += 1;
          continue;
        }
        const wordEnd = endOfWord(text, at, lexer.wordCharacters);
        if (wordEnd > at) {
          this.add(word, at, wordEnd);
          at = wordEnd;
          continue;
        }
      }
      const candidates = rules.startingWith(code);
      const from = at;
      for (let i = 0; at === from; i++) {
        const rule = candidates[i];
        if (rule === undefined) throw new Error(`no token matches at offset ${at}`);
        const { type, pattern } = rule;
        at = endOfMatch(text, from, pattern);
        if (at === from || type === space) continue;
        if (type === comment) this.comments.push({ start: from, end: at });
        else this.add(type, from, at);
        if (type.mode !== undefined) rules = lexer[type.mode];
        if (mistakes.has(type)) this.hasMistakes = true;
      }
    }
    this.isComplete = at === end && rules === lexer.main;
  }

  private add(type: TokenType, start: number, end: number): void {
    this.types[this.length] = type;
    this.starts[this.length] = start;
    this.ends[this.length] = end;
    this.length += 1;
  }
}

const [SPACE, LINE_FEED] = [32, 10];

/** Tokenizes a text. */
export function tokenize(text: string): { tokens: Token[]; comments: Token[] } {
  const lexed = new LexedText(text);
  lexed.read(0, text.length);
  const found: Token[] = [];
  for (let at = 0; at < lexed.length; at++)
    found.push({ tokenType: lexed.type(at) as TokenType, image: lexed.image(at), startOffset: lexed.start(at) });
  const comments = lexed.comments.map(({ start, end }) => ({
    tokenType: comment,
    image: text.slice(start, end),
    startOffset: start,
  }));
  return { tokens: found, comments };
}

/**
 * The end of the word at an offset; the offset itself if no word starts there, or if the rules must decide where the token
 * ends. Words are the most frequent tokens, and three patterns start with a word.
 */
function endOfWord(text: string, start: number, characters: Uint8Array): number {
  if (characters[text.charCodeAt(start)] !== STARTS_WORD) return start;
  for (let at = start + 1; ; at++) {
    const kind = characters[text.charCodeAt(at)];
    if (kind === MAY_CONTINUE) return start;
    if (kind !== STARTS_WORD && kind !== IN_WORD) return at;
  }
}

/** The end of the match of a pattern at an offset; the offset itself if nothing matches. */
function endOfMatch(text: string, at: number, pattern: RegExp | string): number {
  if (typeof pattern === "string") return text.startsWith(pattern, at) ? at + pattern.length : at;
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : at;
}
