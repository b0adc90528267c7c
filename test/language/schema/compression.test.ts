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
  ["[ zstd gzip ]", "wrong-forms"],
  ["[ gzip ]", "wrong-forms"],
  ["[ ]", "wrong-forms"],
  ["[ gzip gzip ]", "wrong-forms"],
  ["[ none zstd ]", "wrong-forms"],
  ["[ gzip zstd zstd ]", "wrong-forms"],
  ["[ gzip bzip2 ]", "unknown-word"],
  ["[ gzip 11 zstd ]", "out-of-range"],
  ["[ gzip { chunked } zstd ]", "unexpected-value"],
  ["[ gzip zstd { chunked } { chunked } ]", "unexpected-value"],
  ["[ gzip zstd { chunkd } ]", "unknown-setting"],
  ["[ gzip zstd ] { chunked }", "unexpected-value"],
])("compression %s: %s", (value, code) => {
  expect(checked(value).diagnostics.map((each) => each.code)).toEqual([code]);
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
