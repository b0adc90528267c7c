/** Converts the parser's rules, which are independent of the schema, from chevrotain's serialised form. */
import type { ISerializedGast, TokenType } from "chevrotain";
import { grammar } from "../../src/language/syntax/grammar.ts";
import { mistakes, modes, tokens } from "../../src/language/syntax/tokens.ts";
import type { Definition, Rules } from "./rules.ts";

/** Properties that chevrotain serialises, but that its types leave out. */
interface Serialised extends ISerializedGast {
  name?: string;
  definition?: Serialised[];
}

export function parserRules(): Rules {
  const rules: Rules = new Map();

  function define({ type, definition = [], name = "" }: Serialised): Definition {
    const whole: Definition = { kind: "sequence", parts: definition.map(define) };
    if (type === "NonTerminal") return { kind: "rule", name };
    if (type === "Terminal") return terminal(name);
    if (type === "Alternation") return { kind: "choice", options: whole.parts };
    if (type === "Repetition") return { kind: "many", part: whole };
    if (type === "Option") return { kind: "optional", part: whole };
    return whole;
  }

  /** A token by name. A category of tokens becomes a rule with a choice of its members. */
  function terminal(name: string): Definition {
    const all = [...new Set([...Object.values(tokens), ...Object.values(modes).flat()])];
    const type = all.find((each) => each.name === name);
    if (type === undefined) throw new Error(`unknown token ${name}`);
    const members = all.filter((each) => each.CATEGORIES?.includes(type) === true && !mistakes.has(each));
    if (members.length === 0) return exactly(type.PATTERN);
    const rule = `${name.replace(/(?<=.)[A-Z]/g, (letter) => `-${letter}`).toLowerCase()}-token`;
    rules.set(rule, { kind: "choice", options: members.map((each) => terminal(each.name)) });
    return { kind: "rule", name: rule };
  }

  const productions = grammar().getSerializedGastProductions() as Serialised[];
  for (const { name = "" } of productions) rules.set(name, { kind: "sequence", parts: [] }); // Reserves the rule's place before the rules of its tokens.
  for (const { name = "", definition = [] } of productions)
    rules.set(name, { kind: "sequence", parts: definition.map(define) });
  return rules;
}

function exactly(pattern: TokenType["PATTERN"]): Definition {
  return pattern instanceof RegExp
    ? { kind: "pattern", source: pattern.source }
    : { kind: "exact", text: pattern as string };
}
