import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { catalogue } from "../../src/diagnostics/catalogue.ts";
import { applyEdits, applyFixes } from "../../src/fixes/index.ts";
import { check, type Span } from "../../src/language/index.ts";
import { format } from "../../src/format/format.ts";
import { actions } from "../../src/lsp/actions.ts";
import type { World } from "../../src/lsp/candidates.ts";
import { complete } from "../../src/lsp/completion.ts";
import { folds } from "../../src/lsp/folding.ts";
import { formatEdits } from "../../src/lsp/formatting.ts";
import { hover } from "../../src/lsp/hover.ts";
import { inlayHints } from "../../src/lsp/inlay-hints.ts";
import { links } from "../../src/lsp/links.ts";
import { definition, highlights, references } from "../../src/lsp/references.ts";
import { prepareRename, rename, RenameError } from "../../src/lsp/rename.ts";
import { semanticTokens } from "../../src/lsp/semantic-tokens.ts";
import { documentSymbols, type Symbol } from "../../src/lsp/symbols.ts";
import { hostOf } from "../language/host.ts";

const folder = join(import.meta.dirname, "../../examples");
const texts = [
  ...readdirSync(folder)
    .filter((name) => name.endsWith(".imgspec"))
    .map((name) => readFileSync(join(folder, name), "utf8")),
  ...Object.values(catalogue).flatMap(({ bad, good }) => [bad, good]),
];
const pieces = [
  "{",
  "}",
  "[",
  "]",
  '"',
  "''",
  "${",
  "$",
  "$a",
  "image",
  "let",
  "=",
  "./",
  "\\",
  "#",
  "\n",
  "\r",
  "😀",
  "mode ",
  "1",
];
const nothing = async (): Promise<[]> => [];
const path = "/w/a.imgspec";
const world: World = { list: () => ["src/", "a b"], packages: () => [{ path: "hello", detail: "1" }] };

const edited = fc
  .tuple(
    fc.constantFrom(...texts),
    fc.array(fc.tuple(fc.nat(), fc.nat(6), fc.constantFrom("", ...pieces)), { maxLength: 4 }),
    fc.nat(),
  )
  .map(([text, edits, cursor]): [string, number] => {
    const changed = edits.reduce((before, [at, length, piece]) => {
      const start = at % (before.length + 1);
      return before.slice(0, start) + piece + before.slice(start + length);
    }, text);
    return [changed, cursor % (changed.length + 1)];
  });

function answers([text, offset]: [string, number]): void {
  const inText = ({ start, end }: Span): void => {
    expect(0 <= start && start <= end && end <= text.length).toBe(true);
  };
  const result = check({ path, text }, hostOf());
  const { root } = result;
  for (const candidate of complete(result, offset, world)) inText(candidate.span);
  const found = [
    hover(root, offset),
    prepareRename(root, offset),
    definition(root, offset),
    ...references(root, offset, [root], true),
  ];
  for (const each of found) if (each !== undefined) inText(each.span);
  for (const { span } of [...highlights(root, offset), ...folds(root), ...links(root, () => true)]) inText(span);
  const symbol = ({ span, nameSpan, children, name }: Symbol): void => {
    expect(name).not.toBe("");
    // Editors reject a symbol whose name is outside its range.
    expect(span.start <= nameSpan.start && nameSpan.end <= span.end).toBe(true);
    for (const child of children) symbol(child);
  };
  for (const each of documentSymbols(root)) symbol(each);
  let end = 0;
  for (const { span } of semanticTokens(root)) {
    expect(span.start).toBeGreaterThanOrEqual(end);
    inText(span);
    end = span.end;
    expect(text.slice(span.start, span.end)).not.toMatch(/[\r\n]/);
  }
  for (const hint of inlayHints(root, { start: 0, end: text.length })) inText({ start: hint.offset, end: hint.offset });
  for (const { fix } of actions(result, { start: 0, end: text.length })) for (const { span } of fix.edits) inText(span);
  try {
    for (const { span } of rename(root, offset, "other", [root])) inText(span);
  } catch (error) {
    expect(error).toBeInstanceOf(RenameError);
  }
}

test("every feature works on randomly edited examples, at any offset", () => {
  fc.assert(fc.property(edited, answers), { numRuns: 200 });
});

test("every feature works on random text", () => {
  const anything = fc
    .tuple(fc.string({ unit: "binary", maxLength: 200 }), fc.nat())
    .map(([text, at]): [string, number] => [text, at % (text.length + 1)]);
  fc.assert(fc.property(anything, answers), { numRuns: 100 });
});

test("formatting by edits gives the formatted text, and applying fixes twice changes nothing more", async () => {
  await fc.assert(
    fc.asyncProperty(edited, async ([text, offset]) => {
      const source = { path, text };
      const { text: laidOut } = await format(source);
      expect(applyEdits(text, await formatEdits(source))).toBe(laidOut);
      const partly = { path, text: applyEdits(text, await formatEdits(source, { start: offset, end: offset })) };
      expect((await format(partly)).text).toBe(laidOut);
      const { text: fixed } = await applyFixes(source, hostOf(), nothing);
      expect((await applyFixes({ path, text: fixed }, hostOf(), nothing)).text).toBe(fixed);
    }),
    { numRuns: 40 },
  );
});

test.each(['image "a" { files { ', "let a = [ $a ", '"${$', "'' ", "a { ", "# \n"])(
  "every feature works on 70,000 times `%s`",
  (piece) => {
    const text = piece.repeat(70_000);
    answers([text, text.length]);
  },
);
