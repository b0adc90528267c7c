/** Quick fixes for the diagnostics in a range of a file. */
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { fixesOf, type OfferedFix } from "../fixes/index.ts";
import type { CheckResult, Span } from "../language/index.ts";

export interface Action {
  diagnostic: Diagnostic;
  fix: OfferedFix;
}

export function actions(result: CheckResult, within: Span): Action[] {
  return result.diagnostics
    .filter(
      ({ file, span }) => file === result.root.source.path && span.start <= within.end && within.start <= span.end,
    )
    .flatMap((diagnostic) => fixesOf(diagnostic, result).map((fix) => ({ diagnostic, fix })));
}
