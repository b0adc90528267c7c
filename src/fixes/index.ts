/** Fixes of diagnostics. Editors offer them; `imgc check --fix` applies the safe ones. */
export { applyEdits, type Edit } from "./edits.ts";
export { applyFixes, type Inspect } from "./apply-fixes.ts";
export { fixesOf, withFix } from "./fixers.ts";
export type { OfferedFix } from "./fixer.ts";
