/** Runs a TextMate grammar in the engine of VS Code. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import oniguruma from "vscode-oniguruma";
import textmate from "vscode-textmate";

export interface Highlighted {
  text: string;
  /** Outermost first, without the scope of the whole grammar. */
  scopes: string[];
}

/** Highlights a text, line by line. */
export type Highlighter = (text: string) => Highlighted[][];

export async function highlighter(grammar: string): Promise<Highlighter> {
  await oniguruma.loadWASM(readFileSync(createRequire(import.meta.url).resolve("vscode-oniguruma/release/onig.wasm")));
  const registry = new textmate.Registry({
    onigLib: Promise.resolve({
      createOnigScanner: (patterns) => new oniguruma.OnigScanner(patterns),
      createOnigString: (text) => new oniguruma.OnigString(text),
    }),
    loadGrammar: async () => textmate.parseRawGrammar(grammar, "imgspec.tmLanguage.json"),
  });
  const loaded = await registry.loadGrammar("source.imgspec");
  if (loaded === null) throw new Error("the grammar cannot be loaded");
  return (text) => {
    let state = textmate.INITIAL;
    return text.split("\n").map((line) => {
      const { tokens, ruleStack } = loaded.tokenizeLine(line, state);
      state = ruleStack;
      return tokens.map(({ startIndex, endIndex, scopes }) => ({
        text: line.slice(startIndex, endIndex),
        scopes: scopes.slice(1).map((scope) => scope.replaceAll(".imgspec", "")),
      }));
    });
  };
}
