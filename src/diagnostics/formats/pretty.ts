/** Diagnostics as text for people: an excerpt with carets, related places, and the fix. */
import { styleText } from "node:util";
import { printableColumns } from "../../util/printable.ts";
import type { Diagnostic, Place } from "../diagnostic.ts";
import { position } from "../source.ts";
import { where, type Format, type Report } from "./format.ts";

type Style = "red" | "yellow" | "cyan" | "bold" | "dim";

export const pretty: Format = (report) => report.diagnostics.map((found) => print(found, report)).join("\n");

function print(found: Diagnostic, report: Report): string {
  const paint = (style: Style, text: string): string =>
    report.colours ? styleText(style, text, { validateStream: false }) : text;
  const style = found.severity === "error" ? "red" : "yellow";
  const lines = [
    `${paint("bold", where(found, report))} ${paint(style, found.severity)}: ${found.message} ${paint("dim", `[${found.code}]`)}`,
    ...excerpt(
      found,
      report,
      (text) => paint(style, text),
      (text) => paint("dim", text),
    ),
  ];
  for (const place of found.related) {
    lines.push(`  ${paint("bold", where(place, report))} ${place.message}`);
    lines.push(
      ...excerpt(
        place,
        report,
        (text) => paint("cyan", text),
        (text) => paint("dim", text),
      ),
    );
  }
  if (found.fix !== undefined) lines.push(`  ${paint("cyan", "fix:")} ${found.fix.title}`);
  else lines.push(`  ${paint("cyan", "help:")} imgc explain ${found.code}`);
  return `${lines.join("\n")}\n`;
}

/** The largest number of characters of a line in an excerpt. */
const MAX_WIDTH = 120;

function excerpt(
  place: Place,
  report: Report,
  mark: (text: string) => string,
  dim: (text: string) => string,
): string[] {
  const source = report.sources.get(place.file);
  if (source === undefined) return [];
  const { text } = source;
  const number = String(position(source, place.span.start).line);
  // A very long line is cut to the part around the place, and only this part is searched for the ends of the line.
  const { start } = place.span;
  const least = Math.max(0, start - MAX_WIDTH / 2);
  const from = least + text.slice(least, start).lastIndexOf("\n") + 1;
  const [after = ""] = text.slice(start, from + MAX_WIDTH).split("\n", 1);
  const end = start + after.length;
  const visible = printableColumns(text.slice(from, end));
  const before = visible.slice(0, start - from).replace(/[^\t]/g, " ");
  const length = Math.max(1, Math.min(place.span.end, end) - start);
  return [
    `  ${dim(`${number} |`)} ${visible}`,
    `  ${dim(`${" ".repeat(number.length)} |`)} ${before}${mark("^".repeat(length))}`,
  ];
}
