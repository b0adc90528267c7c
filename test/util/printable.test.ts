import fc from "fast-check";
import { expect, test } from "vitest";
import { printable, printableColumns, printableJson, printableLine } from "../../src/util/printable.ts";
import { UNPRINTABLE } from "../fuzz/unprintable.ts";

const odd = fc.constantFrom(
  "\u001b",
  "\u0007",
  "\r",
  "\u009b",
  "\u202e",
  "\u2066",
  "\u2028",
  "\u{e0041}",
  "\ud800",
  "::",
  "\n",
  "\t",
);
const text = fc.array(fc.oneof(odd, fc.string({ unit: "binary" })), { maxLength: 20 }).map((parts) => parts.join(""));

test("nothing that is shown speaks to a terminal or to GitHub's runner", () => {
  fc.assert(
    fc.property(text, (each) => {
      expect(printable(each)).not.toMatch(UNPRINTABLE);
      expect(printable(each)).not.toMatch(/^\s*::/m);
      expect(printableLine(each)).not.toMatch(UNPRINTABLE);
      expect(printableLine(each)).not.toMatch(/[\n\t]/);
      expect(printableColumns(each)).toHaveLength(each.length);
    }),
  );
});

test("what is shown already is shown the same again", () => {
  fc.assert(
    fc.property(text, (each) => {
      expect(printable(printable(each))).toBe(printable(each));
    }),
  );
  expect(printable("naïve 日本語 👩‍👧 नमस्ते\n\tx")).toBe("naïve 日本語 👩‍👧 नमस्ते\n\tx");
  expect(printableLine("a\nb\u001b[31m\u202e")).toBe(String.raw`a\nb\u001b[31m\u202e`);
});

test("JSON keeps its meaning", () => {
  fc.assert(
    fc.property(fc.jsonValue(), text, (value, each) => {
      const json = printableJson(JSON.stringify([value, each], null, 2));
      expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify([value, each])));
      expect(json).not.toMatch(UNPRINTABLE);
    }),
  );
});
