/** Groups diagnostics by file. A file that is not open gets the diagnostics that the checks of open files found in it. */
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { CheckResult } from "../language/index.ts";

/**
 * The diagnostics of all checks, by file. `open`: the check of each open file. An open file gets only the diagnostics
 * of its own check.
 */
export function byFile(open: ReadonlyMap<string, CheckResult>): Map<string, Diagnostic[]> {
  const found = new Map<string, Map<string, Diagnostic>>();
  for (const path of open.keys()) found.set(path, new Map());
  for (const [path, { diagnostics }] of open)
    for (const each of diagnostics) {
      if (each.file !== path && open.has(each.file)) continue;
      const known = found.get(each.file) ?? new Map<string, Diagnostic>();
      known.set(`${each.code} ${each.span.start} ${each.message}`, each);
      found.set(each.file, known);
    }
  return new Map([...found].map(([file, known]) => [file, [...known.values()]]));
}
