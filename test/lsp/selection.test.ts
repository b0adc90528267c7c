import { expect, test } from "vitest";
import { selections } from "../../src/lsp/selection.ts";
import { marked } from "./marked.ts";

const texts = (text: string, before: string): string[] => {
  const { root } = marked(text);
  const offset = text.indexOf(before) + before.length;
  return selections(root, offset).map(({ start, end }) => text.slice(start, end));
};

test("a selection grows from a word to its value, setting, block and file", () => {
  expect(texts('let a = 1\nimage "b" {\n  packages [ x yy ]\n  tag "t"\n}\n', "[ x y")).toEqual([
    "yy",
    "x yy",
    "[ x yy ]",
    "packages [ x yy ]",
    'packages [ x yy ]\n  tag "t"',
    '{\n  packages [ x yy ]\n  tag "t"\n}',
    'image "b" {\n  packages [ x yy ]\n  tag "t"\n}',
    'let a = 1\nimage "b" {\n  packages [ x yy ]\n  tag "t"\n}\n',
  ]);
});

test("in a string, a selection grows from the content to the quotes and the expression", () => {
  const text = "let a = nix ''x: x''";
  expect(texts(text, "''x")).toEqual(["x: x", "''x: x''", "nix ''x: x''", text]);
});

test("outside of settings, the whole file is selected", () => {
  expect(texts("\n\nlet a = 1", "\n")).toEqual(["\n\nlet a = 1"]);
  expect(texts("", "")).toEqual([""]);
});
