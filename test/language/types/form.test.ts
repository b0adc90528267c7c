import fc from "fast-check";
import { expect, test } from "vitest";
import type { Code } from "../../../src/diagnostics/catalogue.ts";
import { check } from "../../../src/language/index.ts";
import { hostOf } from "../host.ts";
import { fileTexts } from "../sentences.ts";

/** The codes of rules that a form does not express: meanings of names, ranges, conflicts. */
const BEYOND_FORM: Code[] = [
  "bad-glob",
  "bad-image-name",
  "bad-image-path",
  "bad-license",
  "bad-reference",
  "bad-removal",
  "bad-signal",
  "bad-tag",
  "bad-user-name",
  "bad-variable-name",
  "conflict",
  "doubled-entry",
  "empty-file",
  "empty-rule",
  "impossible-glob",
  "literal-dollar",
  "lost-healthcheck",
  "missing-file",
  "missing-import",
  "not-constant",
  "out-of-range",
  "shared-id",
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

test("random texts of the grammar have no syntax errors", () => {
  fc.assert(
    fc.property(fileTexts, (text) => {
      const { diagnostics } = check({ path: "/a.imgspec", text }, hostOf());
      expect(
        diagnostics
          .filter(({ code }) => !BEYOND_FORM.includes(code))
          // The form of a health check does not limit the first word.
          .filter(({ message }) => !message.endsWith("as the first word"))
          .map((each) => [each.message, text.slice(each.span.start)]),
      ).toEqual([]);
    }),
    { numRuns: 100 },
  );
});
