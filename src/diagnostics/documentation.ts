// Where a finding is explained at length.
import type { Code } from "./catalogue.ts";

const pages = "https://example.org/imgc/diagnostics";

/** The page of a code. */
export function documentationOf(code: Code): string {
  return `${pages}/${code}`;
}
