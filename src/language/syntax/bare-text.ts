/** Joins the tokens of text that lacks its quotes, such as `docker.io/library/debian:12`, so that one diagnostic reports it. */
import type { IToken } from "chevrotain";
import { tokens as types } from "./tokens.ts";

/** Replaces tokens without blanks between them by one token, if they look like a reference, a version or a path. */
export function joinBareText(all: readonly IToken[]): IToken[] {
  const joined: IToken[] = [];
  for (let index = 0; index < all.length;) {
    const first = all[index] as IToken;
    index += 1;
    if (first.tokenType === types.word || first.tokenType === types.slashed || first.tokenType === types.colons) {
      const start = index;
      while (continues(all, index)) index += 1;
      for (const { image } of all.slice(start, index)) first.image += image;
      if (index > start) {
        first.tokenType = types.colons;
        first.tokenTypeIdx = types.colons.tokenTypeIdx as number;
      }
    }
    joined.push(first);
  }
  return joined;
}

/** Whether the token at `index` adjoins the token before, and belongs to the same text. */
function continues(all: readonly IToken[], index: number): boolean {
  const [before, token, after] = [all[index - 1], all[index], all[index + 1]];
  if (before === undefined || token === undefined || !adjoins(before, token)) return false;
  const isText = ({ tokenType, image }: IToken): boolean =>
    tokenType === types.literal || tokenType === types.word || (tokenType === types.path && image.startsWith("/"));
  const isSeparator = ({ tokenType, image }: IToken): boolean =>
    tokenType === types.stray || (tokenType === types.path && /^\.+$/.test(image));
  if (!isSeparator(token)) return isText(token) && (token.tokenType !== types.word || isSeparator(before));
  return /^[.:@+/-]+$/.test(token.image) && after !== undefined && adjoins(token, after) && isText(after);
}

function adjoins(left: IToken, right: IToken): boolean {
  return left.startOffset + left.image.length === right.startOffset;
}
