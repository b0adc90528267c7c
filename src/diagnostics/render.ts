// Findings as text for people, and as lines for other tools.
import { styleText } from "node:util";
import type { Source, Span } from "./source.ts";
import type { Diagnostic, Place } from "./diagnostic.ts";

export interface RenderOptions {
  sources: ReadonlyMap<string, Source>;
  colours: boolean;
  /** How a file is shown; the path itself by default. */
  name?: (path: string) => string;
}

type Style = "red" | "yellow" | "cyan" | "bold" | "dim";

/** The line and column, from 1, of an offset. */
export function position(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset);
  const start = before.lastIndexOf("\n") + 1;
  let line = 1;
  for (let at = before.indexOf("\n"); at >= 0; at = before.indexOf("\n", at + 1)) line += 1;
  return { line, column: offset - start + 1 };
}

/** One finding with its excerpt, the places that explain it, and how to mend it. */
export function renderPretty(found: Diagnostic, options: RenderOptions): string {
  const paint = (style: Style, text: string): string =>
    options.colours ? styleText(style, text, { validateStream: false }) : text;
  const style = found.severity === "error" ? "red" : "yellow";
  const lines = [
    `${paint("bold", where(found, options))} ${paint(style, found.severity)}: ${found.message} ${paint("dim", `[${found.code}]`)}`,
    ...excerpt(
      found,
      options,
      (text) => paint(style, text),
      (text) => paint("dim", text),
    ),
  ];
  for (const place of found.related) {
    lines.push(`  ${paint("bold", where(place, options))} ${place.message}`);
    lines.push(
      ...excerpt(
        place,
        options,
        (text) => paint("cyan", text),
        (text) => paint("dim", text),
      ),
    );
  }
  if (found.fix !== undefined) lines.push(`  ${paint("cyan", "fix:")} ${found.fix.title}`);
  else lines.push(`  ${paint("cyan", "help:")} imgc explain ${found.code}`);
  return `${lines.join("\n")}\n`;
}

/** One finding on one line, as compilers of old do. */
export function renderUnix(found: Diagnostic, options: Pick<RenderOptions, "sources" | "name">): string {
  return `${where(found, options)}: ${found.severity}: ${found.message} [${found.code}]\n`;
}

function where(place: Place, options: Pick<RenderOptions, "sources" | "name">): string {
  const { line, column } = position(options.sources.get(place.file)?.text ?? "", place.span.start);
  return `${options.name?.(place.file) ?? place.file}:${line}:${column}`;
}

const widest = 120;

function excerpt(
  place: Place,
  options: RenderOptions,
  mark: (text: string) => string,
  dim: (text: string) => string,
): string[] {
  const text = options.sources.get(place.file)?.text;
  if (text === undefined) return [];
  const { start, end } = lineAround(text, place.span);
  const number = String(position(text, place.span.start).line);
  // A very long line is shown around the place, so that one finding never fills the screen.
  const from = Math.max(start, place.span.start - widest / 2);
  const shown = text.slice(from, Math.min(end, from + widest)).replace(/[^\t\P{Cc}]/gu, "�");
  const before = shown.slice(0, place.span.start - from).replace(/[^\t]/g, " ");
  const length = Math.max(1, Math.min(place.span.end, end, from + widest) - place.span.start);
  return [
    `  ${dim(`${number} |`)} ${shown}`,
    `  ${dim(`${" ".repeat(number.length)} |`)} ${before}${mark("^".repeat(length))}`,
  ];
}

function lineAround(text: string, span: Span): Span {
  const start = text.lastIndexOf("\n", span.start - 1) + 1;
  const end = text.indexOf("\n", span.start);
  return { start: span.start === 0 ? 0 : start, end: end < 0 ? text.length : end };
}
