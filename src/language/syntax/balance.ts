/**
 * Balances brackets and quotes before parsing, so that the grammar accepts every text: inserts missing closing tokens where
 * they probably belong, and drops unmatched ones. Reports each.
 */
import { createTokenInstance, type IToken, type TokenType } from "chevrotain";
import { diagnostic, type Diagnostic } from "../../diagnostics/diagnostic.ts";
import { otherComment, otherQuotes, unneededSign } from "./foreign-syntax.ts";
import { tokens } from "./tokens.ts";
import type { Source, Span } from "./tree.ts";

/** The largest nesting depth. It makes recursion over the tree safe. */
const MAX_DEPTH = 64;

/** The keywords of declarations. At the start of a line, such a keyword closes all open brackets. */
export const TOP_LEVEL: ReadonlySet<string> = new Set(["image", "let", "param", "import", "nixpkgs"]);

/** Balances tokens, and adds diagnostics for the changes. */
export function balance(source: Source, all: readonly IToken[], diagnostics: Diagnostic[]): IToken[] {
  const balanced: IToken[] = [];
  const open: IToken[] = [];
  const at = (span: Span) => ({ file: source.path, span });

  function close(offset: number, report: boolean): void {
    const opening = open.pop();
    if (opening === undefined) return;
    const list = opening.tokenType === tokens.openList;
    const parameters = { opening: list ? "[" : "{", closing: list ? "]" : "}" };
    if (report) diagnostics.push(diagnostic("unclosed-bracket", at(spanOf(opening)), parameters));
    balanced.push(inserted(list ? tokens.closeList : tokens.closeBlock, offset));
  }

  /** Copies the string whose opening quote is token `start`. Returns the index of the token after the string. */
  function string(start: number): number {
    const opening = all[start] as IToken;
    const quoted = opening.tokenType === tokens.openQuote;
    balanced.push(opening);
    for (let next = start + 1; ; next += 1) {
      const token = all[next];
      if (token === undefined || token.tokenType === tokens.lineEnd) {
        const end = endOf(balanced.at(-1) as IToken);
        const span = { start: opening.startOffset, end: quoted ? end : opening.startOffset + 2 };
        diagnostics.push(diagnostic("unclosed-string", at(span), { quote: opening.image }));
        balanced.push(inserted(quoted ? tokens.closeQuote : tokens.closeIndented, end));
        return next + 1;
      }
      balanced.push(token);
      if (token.tokenType === tokens.closeQuote || token.tokenType === tokens.closeIndented) return next + 1;
    }
  }

  let tooDeep = false;
  for (let index = 0; index < all.length && !tooDeep;) {
    const token = all[index] as IToken;
    const type = token.tokenType;
    if (type === tokens.openQuote || type === tokens.openIndented) {
      index = string(index);
      continue;
    }
    index += 1;
    if (type === tokens.openList || type === tokens.openBlock) {
      tooDeep = open.length >= MAX_DEPTH;
      if (tooDeep) diagnostics.push(diagnostic("nested-too-deep", at(spanOf(token)), { limit: MAX_DEPTH }));
      else {
        open.push(token);
        balanced.push(token);
      }
    } else if (type === tokens.closeList || type === tokens.closeBlock) {
      const partner = type === tokens.closeList ? tokens.openList : tokens.openBlock;
      const matching = open.findLastIndex((opening) => opening.tokenType === partner);
      if (matching < 0 && open.length > 0) {
        // A bracket of the wrong kind closes the open one; only the opening bracket is reported.
        close(token.startOffset, true);
        continue;
      }
      if (matching < 0) {
        diagnostics.push(diagnostic("unmatched-bracket", at(spanOf(token)), { input: token.image }));
        continue;
      }
      while (open.length - 1 > matching) close(token.startOffset, true);
      open.pop();
      balanced.push(token);
    } else if (type === tokens.stray) {
      diagnostics.push(unneededSign(source, spanOf(token)));
    } else if (type === tokens.otherComment) {
      diagnostics.push(otherComment(source, spanOf(token)));
    } else if (type === tokens.otherQuotes) {
      const inner = token.image.slice(1, -1);
      diagnostics.push(otherQuotes(source, spanOf(token), inner));
      const { start, end } = spanOf(token);
      balanced.push(inserted(tokens.openQuote, start, token.image.slice(0, 1)));
      if (inner !== "") balanced.push(inserted(tokens.quotedText, start + 1, inner));
      balanced.push(inserted(tokens.closeQuote, end - 1, token.image.slice(-1)));
    } else {
      if (open.length > 0 && TOP_LEVEL.has(token.image) && startsLine(source.text, token.startOffset))
        while (open.length > 0) close(token.startOffset, true);
      balanced.push(token);
    }
  }
  while (open.length > 0) close(source.text.length, !tooDeep);
  return balanced;
}

export function spanOf(token: IToken): Span {
  return { start: token.startOffset, end: endOf(token) };
}

function endOf(token: IToken): number {
  return token.startOffset + token.image.length;
}

/** Makes a token that replaces another one, or, with an empty `image`, a missing token. */
function inserted(type: TokenType, offset: number, image = ""): IToken {
  return createTokenInstance(type, image, offset, offset, NaN, NaN, NaN, NaN);
}

function startsLine(text: string, offset: number): boolean {
  return offset === 0 || text[offset - 1] === "\n";
}
