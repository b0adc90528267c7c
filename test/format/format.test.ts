import fc from "fast-check";
import { format as prettierFormat } from "prettier";
import { describe, expect, test } from "vitest";
import { format } from "../../src/format/format.ts";
import * as plugin from "../../src/format/index.ts";
import { parseWhole } from "../../src/format/parser.ts";
import { sameMeaning } from "../../src/format/same.ts";
import { exampleFiles, exampleTexts, pieces, spaced, texts } from "./texts.ts";

const path = "/a.imgspec";
const parsed = (text: string) => ({ document: parseWhole({ path, text }).document, text });

// Prettier with the plugin, without the check that imgc makes afterwards: the check would hide changes.
const stock = (text: string, options: object = {}) =>
  prettierFormat(text, { parser: "imgspec", plugins: [plugin], ...options });

test("formatting keeps tree and comments, and formatting again changes nothing, at any width", async () => {
  const width = fc.constantFrom(1, 20, 40, 80, 100);
  await fc.assert(
    fc.asyncProperty(spaced, width, async (text, printWidth) => {
      const once = await stock(text, { printWidth });
      expect(sameMeaning(parsed(text), parsed(once))).toBe(true);
      expect(await stock(once, { printWidth })).toBe(once);
      expect(once).not.toMatch(/\n\n\n|[ \t]\n\s*#|^\n/);
    }),
    // A blank line breaks the second entry's block, so the entry must not be aligned: formatting again would differ.
    {
      numRuns: 100,
      examples: [['image "a" { files { "/x" copy ./x\n"/longer" directory { mode 0750\n\nuid 1 } } }', 80]],
    },
  );
});

test("line ends are kept", async () => {
  for (const each of texts) {
    const text = `${each}\n`;
    const { text: unix } = await format({ path, text });
    const { text: windows } = await format({ path, text: text.replaceAll("\n", "\r\n") });
    expect(windows).toBe(unix.replaceAll("\n", "\r\n"));
  }
});

test("text with a syntax error stays unchanged, with diagnostics", async () => {
  const damaged = fc.tuple(fc.constantFrom(...texts), fc.nat(), fc.constantFrom(...pieces));
  await fc.assert(
    fc.asyncProperty(damaged, async ([text, at, piece]) => {
      const broken = text.slice(0, at % text.length) + piece + text.slice(at % text.length);
      const { diagnostics, text: result } = await format({ path, text: broken });
      if (diagnostics.length > 0) expect(result).toBe(broken);
      else expect(sameMeaning(parsed(broken), parsed(result))).toBe(true);
    }),
  );
});

test("random text with diagnostics stays unchanged", async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: "binary" }), async (text) => {
      const { diagnostics, text: result } = await format({ path, text });
      if (diagnostics.length > 0) expect(result).toBe(text);
    }),
  );
});

test("text that the parser skips without a diagnostic is not lost", async () => {
  const text = 'image "a" { nonsense { [ a ] b } }';
  const { diagnostics, text: result } = await format({ path, text });
  expect(diagnostics).toMatchObject([{ code: "missing-name", span: { start: 23, end: 28 } }]);
  expect(result).toBe(text);
});

describe.each(exampleFiles.map((name, index) => [name, exampleTexts[index] ?? ""]))("%s", (_name, text) => {
  test("is already formatted", async () => expect((await format({ path, text })).text).toBe(text));
});
