/** Diagnostics as text for people: an excerpt with carets, related places, and the fix. */
import { styleText } from "node:util";
import { printableColumns } from "../../util/printable.ts";
import type { Diagnostic, Place } from "../diagnostic.ts";
import { position, type Span } from "../source.ts";
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
  const { start, end } = lineAround(text, place.span);
  const number = String(position(source, place.span.start).line);
  // A very long line is cut to the part around the place.
  const from = Math.max(start, place.span.start - MAX_WIDTH / 2);
  const visible = printableColumns(text.slice(from, Math.min(end, from + MAX_WIDTH)));
  const before = visible.slice(0, place.span.start - from).replace(/[^\t]/g, " ");
  const length = Math.max(1, Math.min(place.span.end, end, from + MAX_WIDTH) - place.span.start);
  return [
    `  ${dim(`${number} |`)} ${visible}`,
    `  ${dim(`${" ".repeat(number.length)} |`)} ${before}${mark("^".repeat(length))}`,
  ];
}

function lineAround(text: string, span: Span): Span {
  const start = text.lastIndexOf("\n", span.start - 1) + 1;
  const end = text.indexOf("\n", span.start);
  return { start: span.start === 0 ? 0 : start, end: end < 0 ? text.length : end };
}
