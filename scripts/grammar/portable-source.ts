/** Converts a token's pattern to a regular expression that Oniguruma and tree-sitter also understand. */
import type { TokenType } from "../../src/language/syntax/tokens.ts";

export function portableSource({ pattern }: Pick<TokenType, "pattern">): string {
  return (
    (pattern as RegExp).source
      .replaceAll("[^]", String.raw`[\s\S]`)
      // Other dialects require a `[` in a character class to be escaped.
      .replace(/(\[\^?)((?:[^\]\\]|\\.)*)\]/g, (_whole, open: string, inside: string) => {
        return `${open}${inside.replace(/(?<!\\)\[/g, "\\[")}]`;
      })
  );
}
