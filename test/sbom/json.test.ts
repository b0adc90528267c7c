import fc from "fast-check";
import { expect, test } from "vitest";
import { jsonPieces } from "../../src/sbom/json.ts";

/** The same value with a generator for every array, except arrays in arrays. */
function lazily(value: unknown): unknown {
  if (Array.isArray(value)) return entries(value);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, lazily(each)]));
}

function* entries(list: unknown[]): Generator {
  for (const each of list) yield lazily(each);
}

test("the pieces join to the text of the whole document, with and without generators", () => {
  fc.assert(
    fc.property(fc.array(fc.jsonValue()), fc.jsonValue(), (list, value) => {
      // `lazily` cannot rebuild an object with the key `__proto__`.
      fc.pre(!JSON.stringify(value).includes("__proto__") && !JSON.stringify(list).includes("__proto__"));
      const document = { list, value };
      const whole = `${JSON.stringify(document, null, 2)}\n`;
      expect([...jsonPieces(document)].join("")).toBe(whole);
      expect([...jsonPieces({ list: entries(list), value })].join("")).toBe(whole);
      expect([...jsonPieces(lazily(document) as object)].join("")).toBe(whole);
    }),
  );
});

test("pieces are short even with many entries", () => {
  function* many(): Generator<string> {
    for (let i = 0; i < 100_000; i++) yield "x".repeat(20);
  }
  const lengths = [...jsonPieces({ many: many() })].map((piece) => piece.length);
  expect(lengths.length).toBeGreaterThan(30);
  expect(Math.max(...lengths)).toBeLessThan(70_000);
});
