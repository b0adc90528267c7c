import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { textmate } from "../../scripts/grammar/textmate.ts";
import { fileTexts } from "../language/sentences.ts";
import { highlighter } from "./highlighter.ts";

const highlight = await highlighter(textmate());
const here = (name: string) => new URL(name, import.meta.url);

test("the sample has the expected scopes", async () => {
  const lines = readFileSync(here("sample.imgspec"), "utf8").split("\n");
  const printed = highlight(lines.join("\n")).map((tokens, index) => {
    const seen = tokens.filter(({ text }) => text.trim() !== "");
    return [lines[index], ...seen.map(({ text, scopes }) => `  | ${text.trim().padEnd(32)} ${scopes.join(" ")}`)];
  });
  await expect(`${printed.flat().join("\n")}\n`).toMatchFileSnapshot(here("sample.scopes.txt").pathname);
});

test("every token of a random valid text has a scope, and no bracket stays open at the end", () => {
  fc.assert(
    fc.property(fileTexts, (text) => {
      const lines = highlight(`${text}\nimage "z" { }`);
      const [image] = lines.at(-1) ?? [];
      expect(image).toEqual({ text: "image", scopes: ["keyword.declaration"] });
      for (const token of lines.flat()) {
        if (token.text.trim() !== "") expect(token.scopes, token.text).not.toEqual([]);
        expect(token.scopes.filter((scope) => scope.startsWith("invalid"))).toEqual([]);
      }
    }),
    { numRuns: 100 },
  );
});
