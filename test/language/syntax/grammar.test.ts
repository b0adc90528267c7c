/** The parser accepts the rules that the documentation of the grammar shows. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { parserRules } from "../../../scripts/grammar/parser-rules.ts";
import type { Definition } from "../../../scripts/grammar/rules.ts";
import { parseTerms } from "../../../src/language/syntax/grammar.ts";
import { TokenList, tokenize } from "../../../src/language/syntax/tokens.ts";
import type { RawTerm } from "../../../src/language/syntax/terms.ts";

const RULES = parserRules();
const STRING_RULES = ["quoted", "indented"];

/** The texts of tokens that a definition allows. `depth`: the limit of nested rules. */
function sentence(definition: Definition, depth: number): fc.Arbitrary<string[]> {
  switch (definition.kind) {
    case "exact":
      return fc.constant([definition.text]);
    case "pattern":
      return fc.stringMatching(new RegExp(`^(?:${definition.source})$`)).map((text) => [text]);
    case "rule": {
      const texts = sentence(RULES.get(definition.name) as Definition, depth - 1);
      return STRING_RULES.includes(definition.name) ? texts.map((all) => [all.join("")]) : texts;
    }
    case "sequence":
      return fc.tuple(...definition.parts.map((part) => sentence(part, depth))).map((all) => all.flat());
    case "choice": {
      const options = depth > 0 ? definition.options : definition.options.slice(0, 1);
      return fc.oneof(...options.map((option) => sentence(option, depth)));
    }
    case "optional":
      return fc.oneof(fc.constant<string[]>([]), sentence(definition.part, depth));
    case "many":
      return fc.array(sentence(definition.part, depth), { maxLength: 3 }).map((all) => all.flat());
  }
}

/** The texts of the terms without inner terms, and of brackets. */
function leaves(text: string, terms: readonly RawTerm[]): string[] {
  return terms.flatMap((term) => {
    const { start, end } = term.span;
    if (term.kind !== "list" && term.kind !== "braces") return [text.slice(start, end)];
    return [text.slice(start, start + 1), ...leaves(text, term.terms), text.slice(end - 1, end)];
  });
}

/** Whether a text is one term; two adjacent parts of a string may form one token, such as `$` and `{`. */
function isOneTerm(text: string): boolean {
  try {
    const terms = parseTerms({ path: "", text }, new TokenList(tokenize(text).tokens), []);
    return terms.length === 1 && terms[0]?.span.end === text.length;
  } catch {
    return false;
  }
}

test("the parser reads every text of its rules", () => {
  const file = sentence({ kind: "rule", name: "file" }, 6);
  fc.assert(
    fc.property(file, (texts) => {
      fc.pre(texts.every((text) => !/^["']/.test(text) || isOneTerm(text)));
      const text = texts.join(" ");
      const tokens = new TokenList(tokenize(text).tokens);
      expect(leaves(text, parseTerms({ path: "", text }, tokens, []))).toEqual(texts);
    }),
    { numRuns: 300 },
  );
});

test.each(['"a', "''a", "[ a", "{ a", "]", "}", '"a\n'])("the parser rejects %j, which is not balanced", (text) => {
  expect(() => parseTerms({ path: "", text }, new TokenList(tokenize(text).tokens), [])).toThrow();
});
