/** The files in `grammar/` that need no other programs to generate. */
import { extname } from "node:path";
import { format } from "prettier";
import { diagnosticPages } from "./diagnostics.ts";
import { emacsMode } from "./emacs.ts";
import { ebnf } from "./ebnf.ts";
import { languageConfiguration } from "./language-configuration.ts";
import { reference } from "./reference.ts";
import { railroad } from "./railroad.ts";
import { parserRules } from "./parser-rules.ts";
import { languageRules } from "./rules.ts";
import { jsonSchema } from "../../src/language/schema/json-schema.ts";
import { textmate } from "./textmate.ts";
import { treeSitterGrammar } from "./tree-sitter/grammar.ts";
import { treeSitterManifest } from "./tree-sitter/manifest.ts";
import { treeSitterQueries } from "./tree-sitter/queries.ts";

export const FOLDER = new URL("../../grammar/", import.meta.url);

export async function grammarFiles(): Promise<Map<string, string>> {
  const [parser, schema] = [parserRules(), languageRules()];
  const files = {
    "imgspec.ebnf": ebnf(parser, schema),
    "railroad.html": railroad(parser, schema),
    "imgspec.tmLanguage.json": textmate(),
    "language-configuration.json": languageConfiguration(),
    "spec.schema.json": jsonSchema(),
    "reference.md": await reference(),
    "tree-sitter/grammar.js": treeSitterGrammar(),
    "tree-sitter/tree-sitter.json": treeSitterManifest(),
    ...treeSitterQueries(),
    "emacs/imgspec-mode.el": emacsMode(),
    ...diagnosticPages(),
  };
  const formatted = Object.entries(files).map(
    async ([path, text]) => [path, await formatFile(path, text)] satisfies [string, string],
  );
  return new Map(await Promise.all(formatted));
}

const PARSERS: Record<string, string> = { ".json": "json", ".md": "markdown", ".js": "babel" };

/** Formats a file as `npm run format` does. */
async function formatFile(path: string, text: string): Promise<string> {
  const parser = PARSERS[extname(path)];
  return parser === undefined ? text : format(text, { parser, printWidth: 120 });
}
