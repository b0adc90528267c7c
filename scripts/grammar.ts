/** `npm run grammar`: generates grammar/ from the parser, the schema and the catalogue. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { FOLDER, grammarFiles } from "./grammar/files.ts";
import { generateParser, isParserCurrent } from "./grammar/tree-sitter/parser.ts";

const files = await grammarFiles();
// Remove the pages of codes that no longer exist.
rmSync(new URL("diagnostics/", FOLDER), { recursive: true, force: true });
for (const [path, text] of files) {
  const target = new URL(path, FOLDER);
  mkdirSync(new URL(".", target), { recursive: true });
  writeFileSync(target, text);
}
if (!isParserCurrent()) generateParser();
