/** Workflow commands, which GitHub shows as annotations of a pull request. */
import { printableLine } from "../../util/printable.ts";
import { range, type Format } from "./format.ts";

export const github: Format = (report) =>
  report.diagnostics
    .map((found) => {
      const { start, end } = range(found, report);
      const properties = {
        title: found.code,
        file: printableLine(report.name(found.file)),
        line: start.line,
        endLine: end.line,
        // GitHub ignores columns of a place over several lines.
        ...(start.line === end.line ? { col: start.column, endColumn: end.column } : {}),
      };
      const printed = Object.entries(properties).map(([key, value]) => `${key}=${property(String(value))}`);
      return `::${found.severity} ${printed.join(",")}::${data(found.message)}\n`;
    })
    .join("");

function data(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function property(text: string): string {
  return data(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
