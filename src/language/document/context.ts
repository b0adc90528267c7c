/** The data that all parts of a parse share. */
import type { Diagnostic } from "../../diagnostics/diagnostic.ts";
import type { Source } from "../syntax/tree.ts";

export interface Context {
  source: Source;
  diagnostics: Diagnostic[];
  /** The diagnostics of brackets and signs, by their offsets. */
  found: ReadonlyMap<number, Diagnostic>;
  /** Whether `found` has a diagnostic of a sign that joins values, such as `++`. */
  hasConcatenation: boolean;
  /** The diagnostics whose cause another diagnostic reports. */
  explained: Set<Diagnostic>;
}

/** The diagnostic of the bracket or sign that is next after an offset, with only blanks between. */
export function diagnosticAfter(offset: number, { source: { text }, found }: Context): Diagnostic | undefined {
  if (found.size === 0) return undefined;
  const blanks = /^\s*/.exec(text.slice(offset, offset + MAX_BLANKS))?.[0].length ?? 0;
  return found.get(offset + blanks);
}
/** The largest number of blanks that are skipped. */
export const MAX_BLANKS = 200;
