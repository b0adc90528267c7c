// How findings are resolved: one file for each kind of change. Editors offer them, `imgc check --fix` makes the sure ones.
export { applyEdits, type Edit } from "./edits.ts";
export { mend, type Inspect } from "./apply-fixes.ts";
export { remedies, withFix } from "./fixers.ts";
export type { Remedy } from "./fixer.ts";
