/** Diagnostics as text for people: an excerpt with carets, related places, and the fix, in the columns of the terminal. */
import { styleText } from "node:util";
import { printableColumns } from "../../util/printable.ts";
import { wrap } from "../../util/wrap.ts";
import type { Diagnostic, Place } from "../diagnostic.ts";
import { position } from "../source.ts";
import { where, type Format, type Report } from "./format.ts";

/** The start of the further lines of a message. */
const INDENT = "    ";

type Style = "red" | "yellow" | "cyan" | "bold" | "dim";

export const pretty: Format = (report) => report.diagnostics.map((found) => print(found, report)).join("\n");

function print(found: Diagnostic, report: Report): string {
  const paint = (style: Style, text: string): string =>
    report.colours ? styleText(style, text, { validateStream: false }) : text;
  const style = found.severity === "error" ? "red" : "yellow";
  const wrapped = (text: string): string[] => text.split("\n").flatMap((line) => wrap(line, INDENT, report.width));
  const lines = [
    ...wrapped(
      `${paint("bold", where(found, report))} ${paint(style, found.severity)}: ${found.message} ${paint("dim", `[${found.code}]`)}`,
    ),
    ...excerpt(
      found,
      report,
      (text) => paint(style, text),
      (text) => paint("dim", text),
    ),
  ];
  for (const place of found.related) {
    lines.push(...wrapped(`  ${paint("bold", where(place, report))} ${place.message}`));
    lines.push(
      ...excerpt(
        place,
        report,
        (text) => paint("cyan", text),
        (text) => paint("dim", text),
      ),
    );
  }
  if (found.fix !== undefined) lines.push(...wrapped(`  ${paint("cyan", "fix:")} ${found.fix.title}`));
  else lines.push(...wrapped(`  ${paint("cyan", "help:")} imgc explain ${found.code}`));
  return `${lines.join("\n")}\n`;
}

/** The largest number of columns of a line in an excerpt. */
const MAX_ROOM = 120;
/** The smallest number: on a narrower terminal, the excerpt does not fit. */
const MIN_ROOM = 20;

function excerpt(
  place: Place,
  report: Report,
  mark: (text: string) => string,
  dim: (text: string) => string,
): string[] {
  const source = report.sources.get(place.file);
  if (source === undefined) return [];
  const { start, end } = place.span;
  const number = String(position(source, start).line);
  const room = Math.max(MIN_ROOM, Math.min(MAX_ROOM, report.width - `  ${number} | `.length));
  const { line, column, length } = cutLine(source.text, { start, end }, room);
  return [
    `  ${dim(`${number} |`)} ${printableColumns(line)}`,
    `  ${dim(`${" ".repeat(number.length)} |`)} ${" ".repeat(column)}${mark("^".repeat(length))}`,
  ];
}

/** The part of a line around a place that fits into `room` columns, and the columns of the place in it. */
function cutLine(
  text: string,
  { start, end }: Diagnostic["span"],
  room: number,
): { line: string; column: number; length: number } {
  // Of a very long line, only the part around the place is searched for the ends of the line.
  const least = Math.max(0, start - room - 1);
  const before = withoutTabs(text.slice(least, start).split("\n").at(-1) ?? "");
  const [rest = ""] = text.slice(start, start + room + 1).split("\n", 1);
  const line = before + withoutTabs(rest);
  const length = withoutTabs(rest.slice(0, end - start)).length;
  const isEndVisible = before.length + Math.min(length, room / 2) < room;
  const offset = isEndVisible ? 0 : Math.max(0, Math.min(before.length - Math.floor(room / 2), line.length + 1 - room));
  const column = before.length - offset;
  const isCut = offset + room < line.length;
  const visible = line.slice(offset > 0 ? offset + 1 : 0, isCut ? offset + room - 1 : undefined);
  return {
    line: `${offset > 0 ? "…" : ""}${visible}${isCut ? "…" : ""}`,
    column,
    length: Math.max(1, Math.min(length, room - column)),
  };
}

/** The columns of a tab depend on its place in the line, so tabs are shown as spaces. */
function withoutTabs(text: string): string {
  return text.replaceAll("\t", "    ");
}
