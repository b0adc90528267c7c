/** Parses tokens to terms. The tokens are balanced, so every text can be parsed. The schema gives the terms their meaning. */
import { diagnostic, type Diagnostic } from "../../diagnostics/diagnostic.ts";
import { spanOf } from "./balance.ts";
import { stringTerm } from "./string.ts";
import { tokens as types, type Token, type TokenType } from "./tokens.ts";
import { joined, type RawTerm } from "./terms.ts";
import type { Source, Span, Term } from "./tree.ts";

/** Parses balanced tokens, and adds diagnostics of strings and lists. */
export function parseTerms(source: Source, tokens: readonly Token[], diagnostics: Diagnostic[]): RawTerm[] {
  let at = 0;

  /** The terms up to a closing token, or to the end of the text. */
  function termsUntil(closing: TokenType | undefined): RawTerm[] {
    const terms: RawTerm[] = [];
    for (let next = tokens[at]; next?.tokenType !== closing; next = tokens[at]) terms.push(term());
    return terms;
  }

  function term(): RawTerm {
    const first = tokens[at];
    if (first === undefined) throw new Error("a bracket or string is not closed");
    at += 1;
    switch (first.tokenType) {
      case types.openQuote:
        return string(first, types.closeQuote);
      case types.openIndented:
        return string(first, types.closeIndented);
      case types.openList: {
        const terms = termsUntil(types.closeList);
        return { kind: "list", items: items(terms), terms, span: spanTo(first) };
      }
      case types.openBlock: {
        const terms = termsUntil(types.closeBlock);
        return { kind: "braces", terms, span: spanTo(first) };
      }
      default:
        return plain(first);
    }
  }

  function string(opening: Token, closing: TokenType): RawTerm {
    const start = at;
    while (tokens[at]?.tokenType.category === "string-part") at += 1;
    const parts = tokens.slice(start, at);
    if (tokens[at]?.tokenType !== closing) throw new Error(`the string at ${opening.startOffset} is not closed`);
    return stringTerm(source, spanTo(opening), opening, parts, diagnostics);
  }

  /** The span from an opening token to the next token, which closes it. */
  function spanTo(opening: Token): Span {
    const closing = tokens[at] as Token;
    at += 1;
    return { start: opening.startOffset, end: closing.startOffset + closing.image.length };
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

function plain(token: Token): RawTerm {
  const text = token.image;
  const span = spanOf(token);
  switch (token.tokenType) {
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
      if (token.tokenType.category !== "plain")
        throw new Error(`unexpected ${token.tokenType.name} in balanced tokens`);
      return { kind: "literal", text, span };
  }
}
