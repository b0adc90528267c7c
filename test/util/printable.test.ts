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
  "##[",
  "\n",
  "\t",
);
const text = fc.array(fc.oneof(odd, fc.string({ unit: "binary" })), { maxLength: 20 }).map((parts) => parts.join(""));

test("printable text has no controls of terminals or GitHub's runner", () => {
  fc.assert(
    fc.property(text, (each) => {
      expect(printable(each)).not.toMatch(UNPRINTABLE);
      expect(printable(each)).not.toMatch(/^\s*::/m);
      for (const made of [printable, printableLine, printableColumns, printableJson])
        expect(made(each)).not.toContain("##[");
      expect(printableLine(each)).not.toMatch(UNPRINTABLE);
      expect(printableLine(each)).not.toMatch(/[\n\t]/);
      expect(printableColumns(each)).toHaveLength(each.length);
    }),
  );
});

test("printable is idempotent, and keeps ordinary text", () => {
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
