/** Recognizes tokens that need no repair: quotes and brackets are in pairs, and no token is a mistake. */
import { MAX_DEPTH, TOP_LEVEL } from "./balance.ts";
import { tokens as types, type LexedText, type TokenType } from "./tokens.ts";

/** Whether the repairs of quotes, brackets and bare text would leave the tokens of a text unchanged. */
export function needsNoRepair(lexed: LexedText, text: string): boolean {
  if (lexed.hasMistakes || !lexed.isComplete) return false;
  const closing: TokenType[] = [];
  let before: TokenType | undefined;
  for (let at = 0; at < lexed.length; at++) {
    const type = lexed.type(at) as TokenType;
    switch (type) {
      case types.openList:
      case types.openBlock:
        if (closing.length >= MAX_DEPTH) return false;
        closing.push(type === types.openList ? types.closeList : types.closeBlock);
        break;
      case types.closeList:
      case types.closeBlock:
        if (closing.pop() !== type) return false;
        break;
      case types.literal:
      case types.path:
        // Text without quotes, such as `debian:12`, may continue here.
        if ((before === types.word || before === types.slashed) && lexed.end(at - 1) === lexed.start(at)) return false;
        break;
      case types.word:
        if (closing.length > 0 && isDeclaration(lexed, at, text)) return false;
        break;
    }
    before = type;
  }
  return closing.length === 0;
}

/** Whether a token is the keyword of a declaration at the start of a line, which closes all open brackets. */
function isDeclaration(lexed: LexedText, at: number, text: string): boolean {
  const start = lexed.start(at);
  return (start === 0 || text[start - 1] === "\n") && TOP_LEVEL.has(lexed.image(at));
}
