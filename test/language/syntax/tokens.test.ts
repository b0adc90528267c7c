/** The lexer accepts every text, and its tokens are parts of the text. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { modes, tokenize } from "../../../src/language/syntax/tokens.ts";

const PIECES = [
  '"',
  "''",
  "'",
  "`",
  "\\",
  "$",
  "${",
  "{",
  "}",
  "#",
  "//",
  "/*",
  "*/",
  "-",
  "+",
  ".",
  "\n",
  "\u00a0",
  "“",
];
const anyText = fc.array(fc.oneof(fc.constantFrom(...PIECES), fc.string(), fc.string({ unit: "binary" })), {
  maxLength: 40,
});

test("only blanks are between tokens", () => {
  fc.assert(
    fc.property(anyText, (pieces) => {
      const text = pieces.join("");
      const { tokens, comments } = tokenize(text);
      let end = 0;
      for (const { startOffset, image } of [...tokens, ...comments].toSorted((a, b) => a.startOffset - b.startOffset)) {
        expect(text.slice(end, startOffset)).toMatch(/^[\s\uFEFF]*$/);
        expect(text.startsWith(image, startOffset) && image !== "").toBe(true);
        end = startOffset + image.length;
      }
      expect(text.slice(end)).toMatch(/^[\s\uFEFF]*$/);
    }),
  );
});

test.each(Object.entries(modes))("in mode %s, tokens start with their start characters only", (_, types) => {
  fc.assert(
    fc.property(anyText, (pieces) => {
      const text = pieces.join("");
      for (const { pattern, starts } of types)
        for (const at of starts === undefined ? [] : text.split("").keys()) {
          const matcher = new RegExp(pattern instanceof RegExp ? pattern.source : pattern.replace(/\W/g, "\\$&"), "y");
          matcher.lastIndex = at;
          if (!matcher.test(text)) continue;
          if (starts instanceof RegExp) expect(text[at]).toMatch(starts);
          else expect(starts).toContain(text[at]);
        }
    }),
  );
});
