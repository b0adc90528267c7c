/** Diagnostics for a terminal: excerpts and colours; or a line each where the output is piped. */
import { relative } from "node:path";
import { renderPretty, renderUnix } from "../diagnostics/render.ts";
import type { CheckResult } from "../language/index.ts";

export function report(
  { diagnostics, sources }: Pick<CheckResult, "diagnostics" | "sources">,
  stream: { isTTY?: boolean },
): string {
  const colours = stream.isTTY === true && !process.env["NO_COLOR"];
  const name = (path: string) => {
    const short = relative(process.cwd(), path);
    return short.startsWith("..") ? path : short;
  };
  const options = { sources, name, colours };
  return diagnostics
    .map((found) => (stream.isTTY ? `${renderPretty(found, options)}\n` : renderUnix(found, options)))
    .join("");
}
