/** Completion after an edit proposes the same candidates as after a check of the whole file. */
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { check, type CheckResult } from "../../src/language/index.ts";
import type { World } from "../../src/lsp/candidates.ts";
import { complete } from "../../src/lsp/completion.ts";
import { editedImage } from "../../src/lsp/edited-image.ts";
import { Workspace } from "../../src/lsp/workspace.ts";
import { hostOf } from "../language/host.ts";

const EXAMPLES = join(import.meta.dirname, "../../examples");
const TEXTS = readdirSync(EXAMPLES)
  .filter((name) => name.endsWith(".imgspec"))
  .map((name) => readFileSync(join(EXAMPLES, name), "utf8"));
const PIECES = [
  "{",
  "}",
  "[",
  "]",
  '"',
  "''",
  "$",
  "${",
  "image",
  "let",
  "\nimage ",
  "config",
  "=",
  "#",
  "/*",
  "*/",
  "(",
  ")",
  "\n",
  "a",
];
const path = "/w/a.imgspec";
const world: World = { list: () => ["src/"], packages: () => [{ path: "hello", detail: "1" }] };

const checked = (text: string): CheckResult => check({ path, text }, hostOf());

const edits = fc.tuple(
  fc.array(fc.constantFrom(...TEXTS), { minLength: 1, maxLength: 3 }),
  fc.array(fc.tuple(fc.nat(), fc.nat(4), fc.constantFrom("", ...PIECES)), { minLength: 1, maxLength: 2 }),
  fc.nat(20),
);

test("an image that is read alone has the candidates that it has in its file", () => {
  let alone = 0;
  fc.assert(
    fc.property(edits, ([texts, all, distance]) => {
      let text = texts.join("\n");
      const before = checked(text);
      let offset = 0;
      for (const [at, length, piece] of all) {
        const start = (offset === 0 ? at : offset + (at % 30)) % (text.length + 1);
        text = text.slice(0, start) + piece + text.slice(start + length);
        offset = Math.min(text.length, start + piece.length + (distance > 10 ? 0 : distance));
      }
      const image = editedImage(before, text, offset);
      if (image === undefined) return;
      alone++;
      const { start } = image;
      const found = complete(image, offset - start, world).map((each) => ({
        ...each,
        span: { start: each.span.start + start, end: each.span.end + start },
      }));
      expect(found).toEqual(complete(checked(text), offset, world));
    }),
    { numRuns: 120 },
  );
  expect(alone).toBeGreaterThan(10);
});

const FILE = 'let tools = [ hello ]\nimage "a/b" {\n  pack\n}\nimage "a/c" { packages $tools }\n';

test.each([
  ["a letter in a block", FILE.replace("pack", "packa"), true],
  ["a letter in a declaration", FILE.replace("tools =", "tool ="), false],
  ["the name of an image", FILE.replace("a/b", "a/d"), false],
  ["an opening brace", FILE.replace("pack", "config {"), false],
  ["a quote", FILE.replace("pack", 'tag "'), false],
  ["the opening quotes of an indented string", FILE.replace("pack", "tag ''"), false],
  ["the end of the block", FILE.replace("pack\n}", "pack\n"), false],
  ["changes in two images", FILE.replace("pack", "packa").replace("$tools", "$tool"), false],
])("%s: the image is read alone or not", (_, text, isAlone) => {
  const offset = FILE.indexOf("pack") + 2;
  expect(editedImage(checked(FILE), text, offset) !== undefined).toBe(isAlone);
});

test("a file with a wrong bracket is checked as a whole", () => {
  const text = FILE.replace("hello ]", "hello");
  expect(editedImage(checked(text), text.replace("pack", "packa"), text.indexOf("pack") + 2)).toBeUndefined();
});

test("a workspace keeps the check before an edit, until the file is checked, closed, or an import changes", () => {
  const files: Record<string, string> = { "/w/common.imgspec": "let tools = [ hello ]\n" };
  const workspace = new Workspace({ ...hostOf(files), list: () => [] });
  const text = `import ./common.imgspec\n${FILE.slice(FILE.indexOf("image"))}`;
  const edit = (): void => {
    workspace.set(path, text);
    workspace.check(path);
    workspace.set(path, text.replace("pack", "packa"));
  };
  edit();
  expect(workspace.edited(path)?.before.root.source.text).toBe(text);
  workspace.set(path, text.replace("pack", "packag"));
  expect(workspace.edited(path)?.before.root.source.text).toBe(text);
  workspace.check(path);
  expect(workspace.edited(path)).toBeUndefined();
  edit();
  workspace.changed("/w/common.imgspec");
  expect(workspace.edited(path)).toBeUndefined();
  edit();
  workspace.changedAny();
  expect(workspace.edited(path)).toBeUndefined();
  edit();
  workspace.set(path, undefined);
  workspace.set(path, text);
  expect(workspace.edited(path)).toBeUndefined();
});
