import type { Code } from "../../diagnostics/catalogue.ts";

/** The codes after which the rest of a text may be misread. */
export const STRUCTURAL: ReadonlySet<Code> = new Set([
  "not-utf-8",
  "unclosed-bracket",
  "unmatched-bracket",
  "unopened-bracket",
  "unclosed-string",
  "unopened-string",
  "nested-too-deep",
]);
