/** Parses tokens to terms. The tokens are balanced, so every text can be parsed. The schema gives the terms their meaning. */
import { diagnostic, type Diagnostic } from "../../diagnostics/diagnostic.ts";
import { stringTerm } from "./string.ts";
import { tokens as types, type Tokens, type TokenType } from "./tokens.ts";
import { joined, startsExpression, type RawTerm } from "./terms.ts";
import type { Source, Span, Term } from "./tree.ts";

/** Parses balanced tokens, and adds diagnostics of strings and lists. */
export function parseTerms(source: Source, tokens: Tokens, diagnostics: Diagnostic[]): RawTerm[] {
  let at = 0;
  /** The terms of the open brackets. Arrays copied from here have no spare room, so that the tree takes less memory. */
  const found: RawTerm[] = [];
  let count = 0;

  /** The terms up to a closing token, or to the end of the text. */
  function termsUntil(closing: TokenType | undefined): RawTerm[] {
    const start = count;
    while (tokens.type(at) !== closing) {
      const next = term();
      found[count] = next;
      count += 1;
    }
    const terms = found.slice(start, count);
    count = start;
    return terms;
  }

  function term(): RawTerm {
    const first = at;
    const type = tokens.type(first);
    if (type === undefined) throw new Error("a bracket or string is not closed");
    at += 1;
    switch (type) {
      case types.openQuote:
        return string(first, types.closeQuote);
      case types.openIndented:
        return string(first, types.closeIndented);
      case types.openList: {
        const terms = termsUntil(types.closeList);
        return { kind: "list", items: terms.every(isItem) ? terms : items(terms), terms, span: spanTo(first) };
      }
      case types.openBlock: {
        const terms = termsUntil(types.closeBlock);
        return { kind: "braces", terms, span: spanTo(first) };
      }
      default:
        return plain(type, tokens.image(first), { start: tokens.start(first), end: tokens.end(first) });
    }
  }

  function string(opening: number, closing: TokenType): RawTerm {
    const start = at;
    while (tokens.type(at)?.category === "string-part") at += 1;
    const end = at;
    if (tokens.type(at) !== closing) throw new Error(`the string at ${tokens.start(opening)} is not closed`);
    return stringTerm(source, spanTo(opening), { tokens, start, end }, closing === types.closeQuote, diagnostics);
  }

  /** The span from an opening token to the next token, which closes it. */
  function spanTo(opening: number): Span {
    const closing = at;
    at += 1;
    return { start: tokens.start(opening), end: tokens.end(closing) };
  }

  function items(terms: RawTerm[]): Term[] {
    return joined(terms).filter((each): each is Exclude<RawTerm, { kind: "braces" }> => {
      if (each.kind !== "braces") return true;
      diagnostics.push(diagnostic("block-in-list", { file: source.path, span: each.span }, {}));
      return false;
    });
  }

  return termsUntil(undefined);
}

/** Whether a term is an item of a list by itself. */
function isItem(term: RawTerm): term is Exclude<RawTerm, { kind: "braces" }> {
  return term.kind !== "braces" && !startsExpression(term);
}

function plain(type: TokenType, text: string, span: Span): RawTerm {
  switch (type) {
    case types.word:
      return { kind: "word", text, span };
    case types.path:
    case types.homePath:
      return { kind: "path", text, span };
    case types.operator:
      return { kind: "operator", text, span };
    case types.reference:
      return { kind: "reference", name: text.slice(1), span };
    default:
      if (type.category !== "plain") throw new Error(`unexpected ${type.name} in balanced tokens`);
      return { kind: "literal", text, span };
  }
}
