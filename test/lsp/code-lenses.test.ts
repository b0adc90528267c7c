import { expect, test } from "vitest";
import { codeLenses } from "../../src/lsp/code-lenses.ts";
import { marked } from "./marked.ts";

test("each image has lenses for its last build and for commands", () => {
  const { root } = marked('image "a" { }\nimage "b" { }\n');
  const builds = new Map([["b", { layers: 12, size: 34_000_000, expected: 1_234_567.8 }]]);
  const lenses = codeLenses(root, builds);
  expect(lenses.map(({ image, title, command }) => [image, title, command])).toEqual([
    ["a", "Build", "build"],
    ["a", "Run", "run"],
    ["b", "34.0 MB, 12 layers; clients will pull about 1.2 MB after the next rebuild", undefined],
    ["b", "Build", "build"],
    ["b", "Run", "run"],
  ]);
  expect(root.source.text.slice(lenses[2]?.span.start, lenses[2]?.span.end)).toBe('"b"');
});
