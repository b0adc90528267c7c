/** A reporter that keeps the reports of operations for tests. */
import type { Context, Reporter } from "../../src/app/reporter.ts";
import type { Diagnostic } from "../../src/diagnostics/diagnostic.ts";

export interface Collector {
  reporter: Reporter;
  context: Context;
  /** The codes of the diagnostics. */
  codes: string[];
  warnings: string[];
}

export function collector(): Collector {
  const codes: string[] = [];
  const warnings: string[] = [];
  const reporter: Reporter = {
    diagnostics: ({ diagnostics }) => codes.push(...diagnostics.map(({ code }: Diagnostic) => code)),
    warning: (text) => void warnings.push(text),
    line: () => {},
    layers: () => {},
    event: () => {},
  };
  return { reporter, context: { reporter, signal: new AbortController().signal }, codes, warnings };
}
