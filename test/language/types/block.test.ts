import { expect, test } from "vitest";
import { check } from "../../../src/language/index.ts";
import { hostOf } from "../host.ts";

/** The codes of the diagnostics for `compression VALUE`, each with the edits of its fix. */
function found(value: string): [string, string[] | undefined][] {
  const text = `image "a" {\n  compression ${value}\n}\n`;
  const { diagnostics } = check({ path: "/a.imgspec", text }, hostOf());
  return diagnostics.map(({ code, fix }) => [code, fix?.edits.map((edit) => edit.text)]);
}

test("a block with the settings of another word is reported with this word", () => {
  expect(found("gzip 6 { chunked }")).toEqual([["misplaced-block", ["zstd"]]]);
  expect(found("none { chunked }")).toEqual([["misplaced-block", ["zstd"]]]);
  expect(found("zstd 6 { chunked }")).toEqual([]);
});

test("a block with settings of no word is an unexpected value", () => {
  expect(found("gzip { }").map(([code]) => code)).toContain("unexpected-value");
  expect(found("gzip { chunked other }").map(([code]) => code)).not.toContain("misplaced-block");
});
