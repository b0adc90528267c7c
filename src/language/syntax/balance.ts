/**
 * Balances brackets before parsing, so that the grammar accepts every text: inserts missing brackets where they probably
 * belong, and drops unmatched ones. Reports each.
 */
import { diagnostic, type Diagnostic } from "../../diagnostics/diagnostic.ts";
import { bareInterpolation, otherBrackets, otherComment, otherQuotes, unneededSign } from "./foreign-syntax.ts";
import { Layout } from "./layout.ts";
import { tokens, type Token, type TokenType } from "./tokens.ts";
import type { Source, Span } from "./tree.ts";

/** The largest nesting depth. It makes recursion over the tree safe. */
export const MAX_DEPTH = 64;

/** The keywords of declarations. At the start of a line, such a keyword closes all open brackets. */
export const TOP_LEVEL: ReadonlySet<string> = new Set(["image", "let", "param", "import", "nixpkgs"]);

/** Balances tokens, and adds diagnostics for the changes. */
export function balance(source: Source, all: readonly Token[], diagnostics: Diagnostic[]): Token[] {
  const byPairs = new Balancer(source, all, undefined);
  const chosen = byPairs.wrongBrackets === 0 ? byPairs : fewerWrong(byPairs, source, all);
  for (const found of chosen.diagnostics) diagnostics.push(found);
  return chosen.balanced;
}

/**
 * If brackets are not in pairs, the indentation shows which of them is missing. In a text without indentation, more
 * brackets seem wrong by indentation than by pairs, so the pairs decide.
 */
function fewerWrong(byPairs: Balancer, source: Source, all: readonly Token[]): Balancer {
  const byLayout = new Balancer(source, all, new Layout(source.text));
  return byLayout.wrongBrackets <= byPairs.wrongBrackets && byLayout.isBalanced ? byLayout : byPairs;
}

interface Open {
  token: Token;
  /** The line of the bracket and the indentation of that line; 0 without a layout. */
  line: number;
  indent: number;
  /** The numbers of balanced tokens and of diagnostics before the bracket. */
  length: number;
  found: number;
}

/** A line that later lines may belong to. */
interface Header {
  indent: number;
  /** The last token of the line. */
  last: Token;
  /** The number of balanced tokens up to the end of the line. */
  length: number;
  /** The number of brackets that are open at the end of the line. */
  depth: number;
  /** Whether one of these brackets is closed by now. */
  isPast: boolean;
}

class Balancer {
  readonly balanced: Token[] = [];
  readonly diagnostics: Diagnostic[] = [];
  wrongBrackets = 0;
  private readonly source: Source;
  private readonly all: readonly Token[];
  private readonly layout: Layout | undefined;
  private readonly open: Open[] = [];
  private readonly headers: Header[] = [];
  /** The header that the current line is or continues. */
  private header: Header | undefined;
  private before: Token | undefined;
  private isTooDeep = false;
  private declared: ReadonlySet<string> | undefined;

  constructor(source: Source, all: readonly Token[], layout: Layout | undefined) {
    this.source = source;
    this.all = all;
    this.layout = layout;
    for (let index = 0; index < all.length && !this.isTooDeep;) {
      const token = all[index] as Token;
      this.layout?.moveTo(token.startOffset);
      if (this.layout?.startsLine === true) this.startLine(token);
      const isString = token.tokenType === tokens.openQuote || token.tokenType === tokens.openIndented;
      if (isString) index = this.string(all, index);
      else {
        this.add(token);
        index += 1;
      }
      this.before = all[index - 1];
      if (this.header !== undefined && this.before !== undefined) {
        this.header.last = this.before;
        this.header.length = this.balanced.length;
        this.header.depth = this.open.length;
        this.header.isPast = false;
      }
    }
    while (this.open.length > 0) this.close(source.text.length, !this.isTooDeep);
  }

  /** Whether the balanced tokens are in pairs. */
  get isBalanced(): boolean {
    const open: TokenType[] = [];
    for (const { tokenType } of this.balanced) {
      if (tokenType === tokens.openList || tokenType === tokens.openBlock) open.push(tokenType);
      const partner = PARTNERS.get(tokenType);
      if (partner !== undefined && open.pop() !== partner) return false;
    }
    return open.length === 0;
  }

  private at(span: Span): { file: string; span: Span } {
    return { file: this.source.path, span };
  }

  private pop(): Open | undefined {
    const last = this.open.pop();
    for (let index = this.headers.length - 1; index >= 0; index -= 1) {
      const header = this.headers[index] as Header;
      if (header.isPast || header.depth <= this.open.length) break;
      header.isPast = true;
    }
    return last;
  }

  /** Closes the innermost bracket at an offset. */
  private close(offset: number, report = true): void {
    const opening = this.pop()?.token;
    if (opening === undefined) return;
    const isList = opening.tokenType !== tokens.openBlock;
    if (report) {
      const [bracket, closing] = isList ? ["[", "]"] : ["{", "}"];
      const parameters = { opening: bracket, closing, offset: this.before === undefined ? offset : endOf(this.before) };
      this.diagnostics.push(diagnostic("unclosed-bracket", this.at(spanOf(opening)), parameters));
      this.wrongBrackets += 1;
    }
    this.balanced.push(inserted(isList ? tokens.closeList : tokens.closeBlock, offset));
  }

  /** Copies the string whose opening quote is token `start`. Returns the index of the token after the string. */
  private string(all: readonly Token[], start: number): number {
    const opening = all[start] as Token;
    const isQuoted = opening.tokenType === tokens.openQuote;
    this.balanced.push(opening);
    for (let next = start + 1; ; next += 1) {
      const token = all[next];
      if (token === undefined || token.tokenType === tokens.lineEnd) {
        const end = endOf(this.balanced.at(-1) as Token);
        const span = { start: opening.startOffset, end: isQuoted ? end : opening.startOffset + 2 };
        this.diagnostics.push(diagnostic("unclosed-string", this.at(span), { quote: opening.image }));
        this.balanced.push(inserted(isQuoted ? tokens.closeQuote : tokens.closeIndented, end));
        return Math.min(next + 1, all.length);
      }
      this.balanced.push(token);
      if (token.tokenType === tokens.closeQuote || token.tokenType === tokens.closeIndented) return next + 1;
    }
  }

  /** At the start of a line: closes the open brackets of earlier lines that, by the indentation of this line, end before it. */
  private startLine(token: Token): void {
    const { line, indent } = this.layout as Layout;
    const isClosing = CLOSING.has(token.tokenType);
    for (let top = this.open.at(-1); top !== undefined && top.line < line; top = this.open.at(-1)) {
      if (top.indent < indent || (isClosing && top.indent === indent)) break;
      this.close(this.before === undefined ? token.startOffset : endOf(this.before));
    }
    while ((this.headers.at(-1)?.indent ?? -1) > indent) this.headers.pop();
    // A closing bracket continues the line that opened it.
    const above = this.headers.at(-1)?.indent === indent ? this.headers.at(-1) : undefined;
    this.header = above;
    if (isClosing) return;
    if (above !== undefined) this.headers.pop();
    this.header = { indent, last: token, length: 0, depth: 0, isPast: false };
    this.headers.push(this.header);
  }

  private add(token: Token): void {
    const { tokenType: type, startOffset } = token;
    if (OPENING.has(type)) this.addOpening(token);
    else if (CLOSING.has(type)) this.addClosing(token);
    else if (type === tokens.stray) this.diagnostics.push(unneededSign(this.source, spanOf(token)));
    else if (type === tokens.otherComment) this.diagnostics.push(otherComment(this.source, spanOf(token)));
    else if (type === tokens.otherQuotes) this.addOtherQuotes(token);
    else if (type === tokens.bareInterpolation) this.addBareInterpolation(token);
    else {
      const startsLine = startOffset === 0 || this.source.text[startOffset - 1] === "\n";
      if (this.open.length > 0 && TOP_LEVEL.has(token.image) && startsLine)
        while (this.open.length > 0) this.close(startOffset);
      this.balanced.push(token);
    }
  }

  private addOpening(token: Token): void {
    // A list cannot contain a block, so the list probably ends before the block.
    const isInList = () => this.open.at(-1)?.token.tokenType === tokens.openList;
    if (this.layout !== undefined && token.tokenType === tokens.openBlock)
      while (isInList()) this.close(token.startOffset);
    this.isTooDeep = this.open.length >= MAX_DEPTH;
    if (this.isTooDeep) {
      this.diagnostics.push(diagnostic("nested-too-deep", this.at(spanOf(token)), { limit: MAX_DEPTH }));
      return;
    }
    const { line, indent } = this.layout ?? { line: 0, indent: 0 };
    this.open.push({ token, line, indent, length: this.balanced.length, found: this.diagnostics.length });
    this.balanced.push(token.tokenType === tokens.openRound ? replaced(token, tokens.openList) : token);
  }

  private addClosing(token: Token): void {
    const partner = PARTNERS.get(token.tokenType);
    const isPartner = ({ token: { tokenType }, line }: Open): boolean =>
      tokenType === partner && (this.layout === undefined || this.layout.startsLine || line === this.layout.line);
    const matching = this.open.findLastIndex(isPartner);
    if (matching < 0) {
      if (this.layout === undefined && this.open.length > 0) {
        // A bracket of the wrong kind closes the open one; only the opening bracket is reported.
        this.close(token.startOffset);
      } else this.addUnmatched(token);
      return;
    }
    const { line = 0, indent = 0 } = this.layout ?? {};
    const found = this.open[matching] as Open;
    if (this.layout?.startsLine === true && found.line < line && found.indent < indent) {
      this.addUnmatched(token);
      return;
    }
    while (this.open.length - 1 > matching) this.close(token.startOffset);
    this.pop();
    if (token.tokenType === tokens.closeRound) this.closeRound(found, token);
    else this.balanced.push(token);
  }

  /** Nix code in round brackets, or a list in the wrong brackets. */
  private closeRound({ token: opening, length, found }: Open, token: Token): void {
    const inner = this.source.text.slice(endOf(opening), token.startOffset);
    const isInside = this.open.at(-1)?.token.tokenType !== tokens.openBlock && this.open.length > 0;
    const isCode = /[:;=()]/.test(inner.replaceAll(/"(?:\\.|[^"\\])*"|''[^]*?''|#.*/g, ""));
    // The inserted word `nix` covers the bracket and the first two characters of the code, so that the next tokens keep
    // their offsets.
    if ((isInside || isCode) && inner.length >= 2) {
      this.diagnostics.length = found;
      this.balanced.length = length;
      const code = inner.trim().replaceAll("''", "'''").replaceAll("${", "''${");
      const place = this.at({ start: opening.startOffset, end: endOf(token) });
      const written = `nix ''${code}''`;
      const fix = { title: "put it between `nix ''` and `''`", edits: [{ ...place, text: written }] };
      this.diagnostics.push(diagnostic("bare-nix", place, {}, { fix }));
      const word = inserted(tokens.word, opening.startOffset, "nix");
      this.balanced.push(word, inserted(tokens.openIndented, endOf(word)));
      if (inner.length > 2) this.balanced.push(inserted(tokens.indentedText, endOf(word), inner.slice(2)));
      this.balanced.push(inserted(tokens.closeIndented, token.startOffset, ")"));
    } else {
      this.diagnostics.push(otherBrackets(this.source, spanOf(opening), spanOf(token), "[", "]"));
      this.balanced.push(replaced(token, tokens.closeList));
    }
  }

  /**
   * Reports a closing bracket without an opening one. If the bracket starts a line, the opening bracket is inserted at the
   * end of the last line with the same indentation that can begin a block.
   */
  private addUnmatched(token: Token): void {
    this.wrongBrackets += 1;
    const { startsLine = false, indent = 0 } = this.layout ?? {};
    const header = startsLine ? this.headers.findLast((each) => each.indent <= indent) : undefined;
    const isBlock = token.tokenType === tokens.closeBlock;
    const isHeader = header?.indent === indent && !header.isPast && header.last !== this.before;
    if (header === undefined || !isHeader) {
      this.diagnostics.push(diagnostic("unmatched-bracket", this.at(spanOf(token)), { input: token.image }));
      return;
    }
    const offset = endOf(header.last);
    const [opening, closing] = isBlock ? ["{", "}"] : ["[", "]"];
    const span = spanOf(header.last);
    const fix = {
      title: `add \`${opening}\``,
      edits: [{ ...this.at({ start: offset, end: offset }), text: ` ${opening}` }],
    };
    this.diagnostics.push(diagnostic("unopened-bracket", this.at(span), { opening, closing }, { fix }));
    this.balanced.splice(header.length, 0, inserted(isBlock ? tokens.openBlock : tokens.openList, offset));
    this.balanced.push(inserted(isBlock ? tokens.closeBlock : tokens.closeList, token.startOffset, token.image));
  }

  private addOtherQuotes(token: Token): void {
    const inner = token.image.slice(1, -1);
    this.diagnostics.push(otherQuotes(this.source, spanOf(token), inner));
    const { start, end } = spanOf(token);
    this.balanced.push(inserted(tokens.openQuote, start, token.image.slice(0, 1)));
    if (inner !== "") this.balanced.push(inserted(tokens.quotedText, start + 1, inner));
    this.balanced.push(inserted(tokens.closeQuote, end - 1, token.image.slice(-1)));
  }

  /** `${name}` outside of a string: the binding or package of this name. */
  private addBareInterpolation(token: Token): void {
    const inside = token.image.slice(2, -1).trim();
    this.declared ??= declaredNames(this.all);
    const isBinding = !inside.startsWith("$") && this.declared.has(inside);
    const instead = isBinding ? `$${inside}` : inside;
    this.diagnostics.push(bareInterpolation(this.source, spanOf(token), instead));
    const type = instead.startsWith("$") ? tokens.reference : tokens.word;
    const offset = token.startOffset + token.image.indexOf(inside) - (isBinding ? 1 : 0);
    this.balanced.push(inserted(type, offset, instead));
  }
}

/** The names that the file seems to bind: the words after `let` and `param`. */
function declaredNames(all: readonly Token[]): ReadonlySet<string> {
  return new Set(all.flatMap(({ image }, i) => (i > 0 && isBindingWord(all[i - 1] as Token) ? [image] : [])));
}

function isBindingWord({ tokenType, image }: Token): boolean {
  return tokenType === tokens.word && (image === "let" || image === "param");
}

const OPENING: ReadonlySet<TokenType> = new Set([tokens.openList, tokens.openBlock, tokens.openRound]);
const PARTNERS: ReadonlyMap<TokenType, TokenType> = new Map([
  [tokens.closeList, tokens.openList],
  [tokens.closeBlock, tokens.openBlock],
  [tokens.closeRound, tokens.openRound],
]);
const CLOSING: ReadonlySet<TokenType> = new Set(PARTNERS.keys());

export function spanOf(token: Token): Span {
  return { start: token.startOffset, end: endOf(token) };
}

function endOf(token: Token): number {
  return token.startOffset + token.image.length;
}

/** Makes a token that replaces another one, or, with an empty `image`, a missing token. */
function inserted(type: TokenType, offset: number, image = ""): Token {
  return { tokenType: type, image, startOffset: offset };
}

function replaced(token: Token, type: TokenType): Token {
  return inserted(type, token.startOffset, token.image);
}
