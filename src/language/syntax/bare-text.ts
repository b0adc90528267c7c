/** Joins the tokens of text that lacks its quotes, such as `docker.io/library/debian:12`, so that one diagnostic reports it. */
import { tokens as types, type Token } from "./tokens.ts";

/** Replaces tokens without blanks between them by one token, if they look like a reference, a version or a path. */
export function joinBareText(all: readonly Token[]): Token[] {
  const joined: Token[] = [];
  for (let index = 0; index < all.length;) {
    const first = all[index] as Token;
    index += 1;
    if (first.tokenType === types.word || first.tokenType === types.slashed || first.tokenType === types.colons) {
      const start = index;
      while (continues(all, index)) index += 1;
      if (index > start) {
        for (const { image } of all.slice(start, index)) first.image += image;
        first.tokenType = types.colons;
      }
    }
    joined.push(first);
  }
  return joined;
}

/** Whether the token at `index` adjoins the token before, and belongs to the same text. */
function continues(all: readonly Token[], index: number): boolean {
  const before = all[index - 1];
  const token = all[index];
  if (before === undefined || token === undefined || !adjoins(before, token)) return false;
  const after = all[index + 1];
  if (!isSeparator(token)) return isText(token) && (token.tokenType !== types.word || isSeparator(before));
  return /^[.:@+/-]+$/.test(token.image) && after !== undefined && adjoins(token, after) && isText(after);
}

function isText({ tokenType, image }: Token): boolean {
  return tokenType === types.literal || tokenType === types.word || (tokenType === types.path && image.startsWith("/"));
}

function isSeparator({ tokenType, image }: Token): boolean {
  return tokenType === types.stray || (tokenType === types.path && /^\.+$/.test(image));
}

function adjoins(left: Token, right: Token): boolean {
  return left.startOffset + left.image.length === right.startOffset;
}
