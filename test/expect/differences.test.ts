import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { outputDifference } from "../../src/expect/output-difference.ts";
import { treeDifference } from "../../src/expect/tree-difference.ts";
import { folder } from "../e2e/tools.ts";

/** Makes two folders; each function writes the files of one. */
function two(fill: (at: string, isSecond: boolean) => void): [string, string] {
  const at = folder();
  const both: [string, string] = [join(at, "before"), join(at, "after")];
  for (const [i, each] of both.entries()) {
    mkdirSync(each);
    fill(each, i === 1);
  }
  return both;
}

test("equal folders do not differ", () => {
  const both = two((at) => {
    mkdirSync(join(at, "bin"));
    writeFileSync(join(at, "bin/a"), "a");
    symlinkSync("bin/a", join(at, "link"));
  });
  expect(treeDifference(...both)).toEqual([]);
});

test("each kind of difference is listed with its file", () => {
  const both = two((at, isSecond) => {
    writeFileSync(join(at, "text"), isSecond ? "built at noon" : "built at dawn");
    writeFileSync(join(at, "binary"), Buffer.from([0, 1, isSecond ? 2 : 3]));
    symlinkSync(isSecond ? "b" : "a", join(at, "link"));
    writeFileSync(join(at, "program"), "");
    chmodSync(join(at, "program"), isSecond ? 0o644 : 0o755);
    writeFileSync(join(at, isSecond ? "second" : "first"), "");
  });
  const lines = treeDifference(...both);
  expect(lines).toHaveLength(6);
  expect(lines.at(-1)).toBe("and 1 more");
  const found = lines.join("\n");
  expect(found).toMatch(/^binary .*byte 2.*03.*02/m);
  expect(found).toMatch(/^first /m);
  expect(found).toMatch(/^link .*a.*b/m);
  expect(found).toMatch(/^program .*program.*file/m);
  expect(found).toMatch(/^second /m);
});

test("different texts are quoted, with their sizes", () => {
  const both = two((at, isSecond) => writeFileSync(join(at, "a"), isSecond ? "one two three" : "one two"));
  expect(treeDifference(...both).join()).toMatch(/^a .*byte 7.*7 bytes.*13.*"one two three"/);
});

test("short outputs are quoted, long outputs are compared by line", () => {
  expect(outputDifference("a\n", "b\n")).toMatch(/"b\\n".*"a\\n"/);
  const lines = Array.from({ length: 50 }, (_, i) => `line ${i}\n`);
  const difference = outputDifference(lines.join(""), lines.with(30, "another\n").join(""));
  expect(difference).toMatch(/\n {2}-line 30\n {2}\+another\n/);
  expect(difference).not.toContain("line 10");
  const others = lines.map((line) => `other ${line}`);
  expect(outputDifference(lines.join(""), others.join("")).split("\n")).toHaveLength(22);
});
