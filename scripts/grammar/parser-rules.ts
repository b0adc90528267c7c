/** The rules of the parser, which know nothing of the schema: chevrotain's own, serialised. */
import type { ISerializedGast, TokenType } from "chevrotain";
import { grammar } from "../../src/language/syntax/grammar.ts";
import { mistakes, modes, tokens } from "../../src/language/syntax/tokens.ts";
import type { Definition, Rules } from "./rules.ts";

/** What chevrotain writes, and its types leave out. */
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

  /** A token by its name: as it stands, or as one of its category, which then is a rule. */
  function terminal(name: string): Definition {
    const all = [...new Set([...Object.values(tokens), ...Object.values(modes).flat()])];
    const type = all.find((each) => each.name === name);
    if (type === undefined) throw new Error(`no token is called ${name}`);
    const members = all.filter((each) => each.CATEGORIES?.includes(type) === true && !mistakes.has(each));
    if (members.length === 0) return exactly(type.PATTERN);
    const rule = `${name.replace(/(?<=.)[A-Z]/g, (letter) => `-${letter}`).toLowerCase()}-token`;
    rules.set(rule, { kind: "choice", options: members.map((each) => terminal(each.name)) });
    return { kind: "rule", name: rule };
  }

  const productions = grammar().getSerializedGastProductions() as Serialised[];
  for (const { name = "" } of productions) rules.set(name, { kind: "sequence", parts: [] }); // before their tokens
  for (const { name = "", definition = [] } of productions)
    rules.set(name, { kind: "sequence", parts: definition.map(define) });
  return rules;
}

function exactly(written: TokenType["PATTERN"]): Definition {
  return written instanceof RegExp
    ? { kind: "pattern", source: written.source }
    : { kind: "exact", text: written as string };
}
