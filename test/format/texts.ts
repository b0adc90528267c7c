/** Texts for the formatter: the examples of the schema and the catalogue, with random white space and comments. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { catalogue } from "../../src/diagnostics/catalogue.ts";
import { leaves } from "../../src/format/nodes.ts";
import { parseWhole } from "../../src/format/parser.ts";
import { imageSettings } from "../../src/language/schema/image.ts";
import type { Setting } from "../../src/language/types/type.ts";

const folder = join(import.meta.dirname, "../../examples");

export const exampleFiles = readdirSync(folder).filter((name) => name.endsWith(".imgspec"));

export const exampleTexts = exampleFiles.map((name) => readFileSync(join(folder, name), "utf8"));

const fromSchema = Object.values<Setting<unknown>>(imageSettings).map(({ example }) => `image "a" { ${example} }`);

const strings = [
  `image "a" { files { "/x" text ''\n   one\n     two\n\n   three\n ''  "/long/er" text "é" { mode 0644 } } }`,
  `image "a" { files { "/x" text ''one\n   two'' "/y" text ''\n\n\t\n'' "/z" text ''\n  \${hello} a\n   ''$ ''' \n'' } }`,
  `image "a" { author ''\n  \\ b  \n  c'' config { cmd [ ''\n    a\n      b\n'' "c" ] env { A "1" "B.c" "2" } } }`,
  `image "a" { nonsense { "日本" 1 "x" [ a "b" ] { c $d } } more ./x 80 <= 5 }`,
  `let x = nix ''\n  a\n''\nlet y = [ a nix "b" path "c d" $x ]`,
];

/** Valid texts that together use all syntax. */
export const texts = [
  ...exampleTexts,
  ...fromSchema,
  ...strings,
  ...Object.values(catalogue).map((entry) => entry.good),
];

const comment = fc.stringMatching(/^#[^\n\r]{0,12}$/).map((text) => text.replaceAll(/[\u2028\u2029\uFEFF]/g, "x"));
// The parser may take a word at the start of a line for a declaration, so a blank ends every gap.
const space = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(" ", "  ", "\t", "\n ", "\n\n\n\t", "\n    ") },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.constantFrom("", " ", "\n", "\n\n "), comment).map(([gap, text]) => `${gap}${text}\n `),
  },
);

/** A text with random white space and comments between its tokens. */
export const spaced = fc
  .tuple(fc.constantFrom(...texts), fc.array(space, { minLength: 80, maxLength: 80 }))
  .map(([text, spaces]) => {
    const chunks = [...leaves(parseWhole({ path: "", text }).document)].map(({ start, end }) => text.slice(start, end));
    return chunks.map((chunk, index) => (spaces[index % spaces.length] ?? " ") + chunk).join("") + (spaces[0] ?? "");
  });

/** Pieces that break a text at most offsets. */
export const pieces = ["{", "}", "[", "]", '"', "''", "${", "$", ";", "= =", "image", "\r", "\u0000", "/", "#\n"];
