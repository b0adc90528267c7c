/** Breaks text into lines. */
import { stripVTControlCharacters } from "node:util";

/** Tables and lists use no more columns, also on wider terminals. */
export const COLUMNS = 80;

/**
 * Breaks a long text between words into lines; further lines start with `indent`. Spaces at its start stay. Styles, whose
 * escape sequences are within words, use no columns.
 */
export function wrap(text: string, indent = "", width = COLUMNS): string[] {
  if (columnsOf(text) <= width) return [text];
  const words = text.trimStart();
  const lines: string[] = [];
  let line = text.slice(0, text.length - words.length);
  for (const word of words.split(" ")) {
    const isFirst = line.trim() === "";
    if (!isFirst && columnsOf(line) + 1 + columnsOf(word) > width) {
      lines.push(line);
      line = indent + word;
    } else line = isFirst ? line + word : `${line} ${word}`;
  }
  return [...lines, line];
}

function columnsOf(text: string): number {
  return stripVTControlCharacters(text).length;
}
