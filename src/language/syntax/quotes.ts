/**
 * Finds missing quotes: a line whose quotes are not in pairs, and an indented string that is never closed. Inserts each
 * missing quote where it probably belongs, so that the rest of the text is read as meant.
 */
import { tokenize, tokens as types, type Token } from "./tokens.ts";
import type { Span } from "./tree.ts";

/** A missing quote. */
export interface MissingQuote {
  side: "opening" | "closing";
  quote: string;
  /** The offset at which the quote was inserted. */
  offset: number;
  /** Whether no other place is likely. */
  isSure: boolean;
  /** The string. */
  span: Span;
}

interface Tokenized {
  tokens: Token[];
  comments: Token[];
  /** In the order of their offsets. */
  missing: MissingQuote[];
}

/** Tokenizes a text with its missing quotes inserted. The offsets of tokens are those in the text; an inserted quote has an empty image. */
export function tokenizeQuoted(text: string): Tokenized {
  const first = tokenize(text);
  const onLines = missingOnLines(text, first.tokens);
  const second = onLines.length === 0 ? first : tokenizeWith(text, onLines);
  const indented = missingIndented(text, second.tokens);
  if (indented === undefined) return { ...second, missing: onLines };
  const missing = [...onLines, indented].toSorted((a, b) => a.offset - b.offset);
  return { ...tokenizeWith(text, missing), missing };
}

function tokenizeWith(text: string, missing: readonly MissingQuote[]): { tokens: Token[]; comments: Token[] } {
  let repaired = "";
  let at = 0;
  for (const { offset, quote } of missing) {
    repaired += text.slice(at, offset) + quote;
    at = offset;
  }
  const result = tokenize(repaired + text.slice(at));
  for (const all of [result.tokens, result.comments]) moveBack(all, missing);
  return result;
}

/** Changes offsets in the repaired text to those in the text. */
function moveBack(all: readonly Token[], missing: readonly MissingQuote[]): void {
  let next = 0;
  let shift = 0;
  for (const token of all) {
    for (let each = missing[next]; each !== undefined; each = missing[next]) {
      const place = each.offset + shift;
      if (place > token.startOffset) break;
      if (place === token.startOffset && token.image === each.quote) token.image = "";
      if (place === token.startOffset) break;
      shift += each.quote.length;
      next += 1;
    }
    token.startOffset -= shift;
  }
}

/** The missing quotes of lines on which a string in double quotes does not end. */
function missingOnLines(text: string, all: readonly Token[]): MissingQuote[] {
  const found: MissingQuote[] = [];
  let isOpen = false;
  for (let index = 0; index < all.length; index++) {
    const { tokenType, startOffset } = all[index] as Token;
    if (tokenType === types.openQuote) isOpen = true;
    if (tokenType === types.closeQuote) isOpen = false;
    const isLast = index === all.length - 1;
    if (!isOpen || (tokenType !== types.lineEnd && !isLast)) continue;
    const end = tokenType === types.lineEnd ? startOffset : text.length;
    found.push(missingOnLine(text, lineBefore(text, all, index, end)));
    isOpen = false;
  }
  return found;
}

interface Line {
  start: number;
  end: number;
  /** The offsets of the quotes, an odd number. */
  quotes: number[];
}

function lineBefore(text: string, all: readonly Token[], index: number, end: number): Line {
  let start = text.lastIndexOf("\n", end - 1) + 1;
  const quotes: number[] = [];
  for (let at = index; at >= 0; at -= 1) {
    const token = all[at] as Token;
    if (token.startOffset < start) break;
    if (token.tokenType === types.closeIndented) {
      start = token.startOffset + token.image.length;
      break;
    }
    if (token.tokenType === types.openQuote || token.tokenType === types.closeQuote) quotes.unshift(token.startOffset);
  }
  return { start, end, quotes };
}

function missingOnLine(text: string, { start, end, quotes }: Line): MissingQuote {
  const isBlank = (at: number): boolean => at < start || at >= end || /\s/.test(text[at] ?? " ");
  const opens = (at: number): boolean => (isBlank(at - 1) || /[[{(]/.test(text[at - 1] ?? "")) && !isBlank(at + 1);
  const closes = (at: number): boolean =>
    !isBlank(at - 1) && !/[[{(]/.test(text[at - 1] ?? "") && (isBlank(at + 1) || /[\]}),;:]/.test(text[at + 1] ?? ""));
  for (const [index, at] of quotes.entries()) {
    const before = quotes[index - 1] ?? start;
    if (index % 2 === 0 && closes(at) && !opens(at))
      return missingOpening(text, start, index === 0 ? start : before + 1, at);
    if (index % 2 === 1 && opens(at) && !closes(at)) return missingClosing(text, before, at, true);
  }
  return missingClosing(text, quotes.at(-1) ?? start, end, false);
}

/** The opening quote that is missing before the closing quote at `closing`. `after`: the end of the string before. */
function missingOpening(text: string, lineStart: number, after: number, closing: number): MissingQuote {
  const segment = text.slice(after, closing);
  const bracket = /.*(?:(?<!\$)\{|[[\]]|(?<!\$\{[^}]*)\})/s.exec(segment)?.[0].length ?? 0;
  const words = [...segment.slice(bracket).matchAll(/\S+/g)];
  const line = text.slice(lineStart, after + bracket);
  const isInList = line.lastIndexOf("[") > line.lastIndexOf("]");
  const word = words[words.length > 1 && !isInList ? 1 : 0];
  const offset = word === undefined ? closing : after + bracket + word.index;
  const isSure = words.length === 1 || (words.length === 2 && !isInList);
  return { side: "opening", quote: '"', offset, isSure, span: { start: offset, end: closing + 1 } };
}

/**
 * The closing quote that is missing after the opening quote at `opening`. `limit`: the next opening quote, or the end of
 * the line.
 */
function missingClosing(text: string, opening: number, limit: number, isQuote: boolean): MissingQuote {
  const content = text.slice(opening + 1, limit);
  const bracket = content.search(/\s+(?:[[\]{}#]|\/\/)/);
  const segment = (bracket < 0 ? content : content.slice(0, bracket)).trimEnd();
  const [first = ""] = segment.split(/\s/, 1);
  // The last word before another string is probably the name of that string's setting.
  const beforeLast = isQuote && bracket < 0 ? (/^(.*\S)\s+\S+$/.exec(segment)?.[1] ?? segment) : segment;
  // A backslash before the quote would make it an escape.
  const inside = (segment.startsWith("/") ? first : beforeLast).replace(/\\+$/, "");
  const offset = opening + 1 + inside.length;
  const isSure = !/\s/.test(inside) && !/^\s+(?:#|\/\/)/.test(text.slice(offset, limit));
  return { side: "closing", quote: '"', offset, isSure, span: { start: opening, end: offset } };
}

function nextClosing(all: readonly Token[], start: number): Token | undefined {
  for (let index = start; index < all.length; index += 1)
    if (all[index]?.tokenType === types.closeIndented) return all[index];
  return undefined;
}

/**
 * The missing end of an indented string, if the last one in the text is not closed. A string that contains a line with
 * less indentation than its first line probably ends before that line.
 */
function missingIndented(text: string, all: readonly Token[]): MissingQuote | undefined {
  const last = all.findLastIndex(({ tokenType }) => tokenType === types.openIndented);
  const isClosed = all.findLastIndex(({ tokenType }) => tokenType === types.closeIndented) > last;
  if (last < 0 || isClosed) return undefined;
  for (const [index, { tokenType, startOffset }] of all.entries()) {
    if (tokenType !== types.openIndented) continue;
    const lineStart = text.lastIndexOf("\n", startOffset) + 1;
    const indent = /^[ \t]*/.exec(text.slice(lineStart, startOffset))?.[0].length ?? 0;
    const closing = nextClosing(all, index);
    const content = text.slice(startOffset, closing?.startOffset);
    const dedent = new RegExp(`\\n[ \\t]{0,${indent}}(?=[^\\s])`, "g");
    const end = [...content.matchAll(dedent)].find(
      (each) => each.index > 0 && !/^\s*$/.test(content.slice(each.index + each[0].length) || " "),
    );
    if (end === undefined && closing !== undefined) continue;
    const inside = end === undefined ? content.length : end.index;
    const offset = startOffset + content.slice(0, inside).replace(/[\s'$\\]+$/, "").length;
    return { side: "closing", quote: "''", offset, isSure: false, span: { start: startOffset, end: startOffset + 2 } };
  }
  return undefined;
}
