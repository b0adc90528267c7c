import fc from "fast-check";
import { expect, test } from "vitest";
import { catalogue } from "../../src/diagnostics/catalogue.ts";
import { check, parse } from "../../src/language/index.ts";
import { hostOf } from "./host.ts";

const examples = Object.values(catalogue).flatMap((entry) => [entry.bad, entry.good]);
const pieces = [
  "{",
  "}",
  "[",
  "]",
  '"',
  "''",
  "${",
  "$a",
  "image",
  "let",
  "=",
  "layers",
  "each",
  "1",
  "./x",
  "\\",
  "#",
  "\n",
];

function survives(text: string): void {
  const { diagnostics } = check({ path: "/a.imgspec", text }, hostOf());
  for (const { span } of diagnostics) {
    expect(span.start).toBeLessThanOrEqual(span.end);
    expect(span.end).toBeLessThanOrEqual(text.length);
  }
}

test("checking random text does not throw, and diagnostics are inside the text", () => {
  fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 200 }), survives));
  fc.assert(fc.property(fc.array(fc.constantFrom(...pieces)), (parts) => survives(parts.join(" "))));
});

test("checking a damaged example does not throw", () => {
  const damaged = fc.tuple(fc.constantFrom(...examples), fc.nat(), fc.nat(8), fc.constantFrom("", ...pieces));
  fc.assert(
    fc.property(damaged, ([text, at, length, piece]) => {
      const start = at % (text.length + 1);
      survives(text.slice(0, start) + piece + text.slice(start + length));
    }),
    { numRuns: 100 },
  );
});

test.each(["{", "[", "let a = [", 'image "a" {', '"${', "}", "'' ", "$a "])(
  "parsing 100,000 times `%s` does not throw",
  (piece) => {
    expect(() => parse({ path: "/a", text: piece.repeat(100_000) })).not.toThrow();
  },
);

test("150,000 diagnostics are returned, which would exceed the arguments of one call", () => {
  expect(check({ path: "/a", text: "}\n".repeat(150_000) }, hostOf()).diagnostics).toHaveLength(150_000);
});

test("a long chain of bindings does not exhaust the stack", () => {
  const lets = Array.from({ length: 20_000 }, (_, index) => `let a${index} = $a${index + 1}`);
  const text = `${lets.join("\n")}\nlet a20000 = "x"\nimage "a" { tag $a0 }`;
  expect(() => check({ path: "/a", text }, hostOf())).not.toThrow();
});
