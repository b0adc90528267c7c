import { existsSync, readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { catalogue, type Code } from "../../src/diagnostics/catalogue.ts";
import { documentationOf } from "../../src/diagnostics/documentation.ts";
import { FOLDER, grammarFiles } from "../../scripts/grammar/files.ts";
import { isParserCurrent } from "../../scripts/grammar/tree-sitter/parser.ts";

test("grammar/ is up to date with `npm run grammar`", async () => {
  const files = await grammarFiles();
  for (const [path, text] of files)
    expect(readFileSync(new URL(path, FOLDER), "utf8"), `${path}: run \`npm run grammar\``).toBe(text);
  expect(isParserCurrent(), "tree-sitter/src/parser.c: run `npm run grammar` as root on Debian 12").toBe(true);
  const pages = readdirSync(new URL("diagnostics/", FOLDER)).map((name) => `diagnostics/${name}`);
  expect(pages.filter((path) => !files.has(path))).toEqual([]);
});

test("the page that editors link to exists for every code", () => {
  for (const code of Object.keys(catalogue) as Code[])
    expect(existsSync(new URL(documentationOf(code))), code).toBe(true);
});
