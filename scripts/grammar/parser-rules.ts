/** The rules of the parser (src/language/syntax/grammar.ts), which are independent of the schema. A test parses random texts of these rules. */
import { mistakes, modes, tokens, type TokenType } from "../../src/language/syntax/tokens.ts";
import type { Definition, Rules } from "./rules.ts";

export function parserRules(): Rules {
  const terms: Definition = { kind: "many", part: rule("term") };
  const parts: Definition = { kind: "many", part: rule("string-part-token") };
  return new Map<string, Definition>([
    ["file", terms],
    ["term", { kind: "choice", options: ["plain-token", "quoted", "indented", "list", "block"].map(rule) }],
    ["quoted", sequence(token(tokens.openQuote), parts, token(tokens.closeQuote))],
    ["indented", sequence(token(tokens.openIndented), parts, token(tokens.closeIndented))],
    ["list", sequence(token(tokens.openList), terms, token(tokens.closeList))],
    ["block", sequence(token(tokens.openBlock), terms, token(tokens.closeBlock))],
    ["plain-token", category("plain")],
    ["string-part-token", category("string-part")],
  ]);
}

function rule(name: string): Definition {
  return { kind: "rule", name };
}

function sequence(...parts: Definition[]): Definition {
  return { kind: "sequence", parts };
}

function token({ pattern }: TokenType): Definition {
  return pattern instanceof RegExp ? { kind: "pattern", source: pattern.source } : { kind: "exact", text: pattern };
}

/** The tokens of a category that a text without mistakes contains. */
function category(name: TokenType["category"]): Definition {
  const all = new Set([...Object.values(tokens), ...Object.values(modes).flat()]);
  const members = [...all].filter((type) => type.category === name && !mistakes.has(type));
  return { kind: "choice", options: members.map(token) };
}
