/** The language configuration for editors: comments, brackets, indentation. */
import { tokens } from "../../src/language/syntax/tokens.ts";

export function languageConfiguration(): string {
  const brackets = [
    ["{", "}"],
    ["[", "]"],
  ];
  const quotes = { open: '"', close: '"', notIn: ["string", "comment"] };
  const pairs = brackets.map(([open, close]) => ({ open, close }));
  return JSON.stringify({
    comments: { lineComment: "#" },
    brackets,
    autoClosingPairs: [...pairs, quotes, { ...quotes, open: "''", close: "''" }, { open: "${", close: "}" }],
    surroundingPairs: [...pairs, { open: '"', close: '"' }],
    wordPattern: `\\$?${(tokens.word.pattern as RegExp).source}`,
    indentationRules: {
      increaseIndentPattern: '^[^#"]*[{\\[][^}\\]"#]*(#.*)?$',
      decreaseIndentPattern: "^\\s*[}\\]]",
    },
  });
}
