import fc from "fast-check";
import { expect, test } from "vitest";
import type { Code } from "../../../src/diagnostics/catalogue.ts";
import { check } from "../../../src/language/index.ts";
import { hostOf } from "../host.ts";
import { fileTexts } from "../sentences.ts";

/** Rules that a form does not say: what names mean, ranges, and what fits together. */
const beyond: Code[] = [
  "bad-glob",
  "bad-image-name",
  "bad-image-path",
  "bad-reference",
  "bad-removal",
  "bad-signal",
  "bad-tag",
  "bad-user-name",
  "bad-variable-name",
  "conflict",
  "doubled-entry",
  "empty-rule",
  "literal-dollar",
  "lost-healthcheck",
  "missing-file",
  "missing-import",
  "not-constant",
  "out-of-range",
  "too-many-for-docker",
  "unknown-binding",
  "unknown-image",
  "unknown-user",
  "unreachable-step",
  "unused-binding",
  "cycle",
  "doubled-image",
  "doubled-binding",
];

test("what follows the grammar has no mistake in its form", () => {
  fc.assert(
    fc.property(fileTexts, (text) => {
      const { diagnostics } = check({ path: "/a.imgspec", text }, hostOf());
      expect(
        diagnostics
          .filter(({ code }) => !beyond.includes(code))
          // A health check's first word is one of a few, but written as any string.
          .filter(({ message }) => !message.endsWith("as the first word"))
          .map((each) => [each.message, text.slice(each.span.start)]),
      ).toEqual([]);
    }),
    { numRuns: 500 },
  );
});
