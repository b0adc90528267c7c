/** Diagnostics for a terminal: excerpts and colours; or a line each where the output is piped. */
import type { CheckResult } from "../language/index.ts";
import { renderPretty, renderUnix } from "../diagnostics/render.ts";

export function report({ diagnostics, sources }: CheckResult, stream: { isTTY?: boolean }): string {
  const pretty = stream.isTTY === true;
  const color = pretty && !process.env["NO_COLOR"];
  return diagnostics
    .map((diagnostic) => (pretty ? renderPretty(diagnostic, sources, { color }) : renderUnix(diagnostic, sources)))
    .join("");
}
