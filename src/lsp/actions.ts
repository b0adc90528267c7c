// Quick fixes of the findings in a stretch of a file.
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { remedies, type Remedy } from "../fixes/index.ts";
import type { CheckResult, Span } from "../language/index.ts";

export interface Action {
  found: Diagnostic;
  remedy: Remedy;
}

export function actions(result: CheckResult, within: Span): Action[] {
  return result.diagnostics
    .filter(
      ({ file, span }) => file === result.root.source.path && span.start <= within.end && within.start <= span.end,
    )
    .flatMap((found) => remedies(found, result).map((remedy) => ({ found, remedy })));
}
