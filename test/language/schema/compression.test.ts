/** The setting `compression`: one form of the layers, or two. */
import { expect, test } from "vitest";
import { applyFixes } from "../../../src/fixes/index.ts";
import { format } from "../../../src/format/format.ts";
import { check } from "../../../src/language/index.ts";
import { hostOf } from "../host.ts";

const source = (value: string) => ({ path: "/a.imgspec", text: `image "a" { compression ${value} tag "v1" }` });
const checked = (value: string) => check(source(value), hostOf());

const gzip = { algorithm: "gzip", level: null };
const zstd = { algorithm: "zstd", level: null };

test.each([
  ["gzip", gzip],
  ["zstd 6 { chunked }", { ...zstd, level: 6, chunked: true }],
  ["[ gzip zstd ]", [gzip, zstd]],
  [
    "[gzip 6 zstd 3]",
    [
      { ...gzip, level: 6 },
      { ...zstd, level: 3 },
    ],
  ],
  ["[ gzip zstd { chunked } ]", [gzip, { ...zstd, chunked: true }]],
  [
    "[ gzip 6 zstd 3 { chunked } ]",
    [
      { ...gzip, level: 6 },
      { ...zstd, level: 3, chunked: true },
    ],
  ],
  ["[ gzip zstd { } ]", [gzip, zstd]],
])("compression %s", (value, expected) => {
  const { spec, diagnostics } = checked(value);
  expect(diagnostics).toEqual([]);
  expect(spec?.images[0]).toMatchObject({ compression: expected, tag: "v1" });
});

test.each([
  ["[ zstd gzip ]", "[ zstd gzip ]", /`gzip` must be the first form/, "[ gzip zstd ]"],
  ["[ gzip ]", "[ gzip ]", /a list needs two forms; write `gzip`, without brackets/, "gzip"],
  ["[ ]", "[ ]", /`\[ \]` has no form; write `\[ gzip zstd \]`, or/, undefined],
  ["[ gzip gzip ]", "gzip", /`gzip` is in the list twice.*; remove one of them/, undefined],
  ["[ gzip zstd 3 zstd 3 ]", "zstd 3", /`zstd` is in the list twice/, "[ gzip zstd 3 ]"],
  ["[ gzip zstd zstd 3 ]", "zstd 3", /`zstd` is in the list twice/, undefined],
  ["[ none zstd ]", "none", /`none` cannot be one of two forms; remove it/, undefined],
  ["[ gzip none zstd ]", "none", /`none` cannot be one of two forms; remove it/, "[ gzip zstd ]"],
  ["[ gzip bzip2 ]", "bzip2", /`bzip2` is not valid here; expected `none`, `gzip` or `zstd`/, undefined],
  ["gzip zstd", "gzip zstd", /`gzip zstd` must be a list/, "[ gzip zstd ]"],
  ["gzip 6 zstd { chunked }", "gzip 6 zstd { chunked }", /must be a list/, "[ gzip 6 zstd { chunked } ]"],
  ["gzip zstd ]", "gzip zstd", /must be a list/, "[ gzip zstd ]"],
  ["{ gzip 6 zstd }", "{", /not the brackets for this value; write `\[ … \]`/, "[ gzip 6 zstd ]"],
  ['"gzip"', '"gzip"', /write `gzip`, without quotes/, "gzip"],
  ['"gzip zstd"', '"gzip zstd"', /write `\[ gzip zstd \]`, without quotes/, "[ gzip zstd ]"],
  ['"[ gzip, zstd ]"', '"[ gzip, zstd ]"', /write `\[ gzip, zstd \]`, without quotes/, undefined],
  ['"[ gzip zstd 3 ]"', '"[ gzip zstd 3 ]"', /write `\[ gzip zstd 3 \]`, without quotes/, "[ gzip zstd 3 ]"],
  ['[ gzip "zstd" ]', '"zstd"', /write `zstd`, without quotes/, "[ gzip zstd ]"],
  ["[ gzip zstd:chunked ]", "zstd:chunked", /write `zstd \{ chunked \}`/, "[ gzip zstd { chunked } ]"],
  ['"zstd:chunked"', '"zstd:chunked"', /write `zstd \{ chunked \}`, without quotes/, "zstd { chunked }"],
  ["gzip:6", "gzip:6", /write `gzip 6`/, "gzip 6"],
  ["[ gzip zstd chunked ]", "chunked", /`chunked` must be in braces/, "[ gzip zstd { chunked } ]"],
  ["[ [ gzip zstd ] ]", "[ gzip zstd ]", /remove the inner brackets/, "[ gzip zstd ]"],
  ["[ gzip { chunked } zstd ]", "{ chunked }", /`chunked` is a setting of `compression zstd`, not/, undefined],
  [
    "[ gzip zstd { chunked } { chunked } ]",
    "{ chunked }",
    /`compression zstd` takes a level/,
    "[ gzip zstd { chunked } ]",
  ],
  ["zstd { chunked } { chunked }", "{ chunked }", /`compression zstd` takes a level/, "zstd { chunked }"],
  ["[ gzip 6 6 zstd ]", "6", /`compression gzip` takes a level from 1 to 9; remove this/, "[ gzip 6 zstd ]"],
  ["[ gzip zstd { chunkd } ]", "chunkd", /did you mean `chunked`/, "[ gzip zstd { chunked } ]"],
  ["[ gzip zstd ] { chunked }", "{ chunked }", /`compression` takes .*; remove this/, undefined],
  ["gzip { chunked }", "{ chunked }", /write `zstd` in place of `gzip`/, "zstd { chunked }"],
])("compression %s: says what is wrong at %s", async (value, at, message, fixed) => {
  const { text } = source(value);
  const [found, ...others] = checked(value).diagnostics;
  expect(others).toEqual([]);
  expect(text.slice(found?.span.start, found?.span.end)).toBe(at);
  expect(found?.message).toMatch(message);
  const { text: after } = await applyFixes(source(value), hostOf(), async () => []);
  expect(after).toBe(source(fixed ?? value).text);
});

test.each([
  [
    "[ gzip 10 zstd 23 ]",
    ["`10` is out of range; write a number from 1 to 9", "`23` is out of range; write a number from 1 to 22"],
  ],
  [
    '[ "gzip" lz4 ]',
    [expect.stringContaining("write `gzip`, without quotes"), expect.stringContaining("`lz4` is not valid here")],
  ],
])("compression %s: reports every wrong form", (value, messages) => {
  expect(checked(value).diagnostics.map(({ message }) => message)).toEqual(messages);
});

test.each([
  ["[ ]", ["write `none`", "write `gzip`", "write `zstd`", "write `[ gzip zstd ]`"]],
  ["[ zstd 3 zstd 3 ]", ["remove `zstd 3`", "write `[ gzip zstd 3 ]`"]],
  ["[ none zstd ]", ["remove `none`"]],
])("compression %s: offers choices", (value, titles) => {
  const [found] = checked(value).diagnostics;
  expect(found?.fix).toBeUndefined();
  expect(found?.choices?.map(({ title }) => title)).toEqual(titles);
});

test("two forms conflict with Docker's manifests", () => {
  const { diagnostics } = checked("[ gzip zstd ] manifest docker");
  expect(diagnostics.map(({ code, message }) => [code, message])).toEqual([
    ["conflict", expect.stringContaining("compression [ gzip zstd ]")],
  ]);
});

test("a fix puts gzip first, and keeps levels and comments", async () => {
  const text = 'image "a" {\n  compression [ zstd 6 { chunked } # new clients\n  gzip 9 # old clients\n  ]\n}\n';
  const fixed = await applyFixes({ path: "/a.imgspec", text }, hostOf(), async () => []);
  expect(fixed.text).toBe(
    'image "a" {\n  compression [ gzip 9 # new clients\n  zstd 6 { chunked } # old clients\n  ]\n}\n',
  );
});

test("a fix removes the brackets of a single form", async () => {
  const fixed = await applyFixes(source("[ zstd 6 { chunked } ]"), hostOf(), async () => []);
  expect(fixed.text).toBe(source("zstd 6 { chunked }").text);
});

test("a form stays on one line when the list breaks", async () => {
  const text = 'image "a" {\n  compression [\n  gzip 6 zstd\n  3\n { chunked }\n]\n}\n';
  const { text: formatted, diagnostics } = await format({ path: "/a.imgspec", text });
  expect(diagnostics).toEqual([]);
  expect(formatted).toBe('image "a" {\n  compression [\n    gzip 6\n    zstd 3 { chunked }\n  ]\n}\n');
  expect((await format({ path: "/a.imgspec", text: formatted })).text).toBe(formatted);
});

test("comments do not split a form, and end in one column", async () => {
  const list = (...lines: string[]) => `image "a" {\n  compression [\n${lines.join("\n")}\n  ]\n}\n`;
  const text = list("gzip 6 # old", "zstd", "3", "{ chunked } # new");
  const { text: formatted, diagnostics } = await format({ path: "/a.imgspec", text });
  expect(diagnostics).toEqual([]);
  expect(formatted).toBe(list("    gzip 6              # old", "    zstd 3 { chunked }  # new"));
  expect((await format({ path: "/a.imgspec", text: formatted })).text).toBe(formatted);
});

test("comments inside a form move above the form", async () => {
  const list = (...lines: string[]) => `image "a" {\n  compression [\n${lines.join("\n")}\n  ]\n}\n`;
  const text = list("# first", "gzip # one", "6", "zstd 3", "# two", "{ chunked } # three", "# four");
  const { text: formatted } = await format({ path: "/a.imgspec", text });
  expect(formatted).toBe(
    list(
      ...["# first", "# one", "gzip 6", "# two", "zstd 3 { chunked }  # three", "# four"].map((line) => `    ${line}`),
    ),
  );
  expect((await format({ path: "/a.imgspec", text: formatted })).text).toBe(formatted);
});
