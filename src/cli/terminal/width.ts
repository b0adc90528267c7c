/** Fits text into the columns of a terminal. Text for a pipe or a file is never shortened. */

/** Tables and lists use no more columns, also on wider terminals. */
export const COLUMNS = 80;

interface Output {
  isTTY?: boolean;
  columns?: number;
}

/** The number of columns for a line; Infinity if lines must not be shortened. */
export function widthOf({ isTTY, columns }: Output): number {
  return isTTY === true ? Math.min(columns || COLUMNS, COLUMNS) : Infinity;
}

/** Leaves out the end of a long text. */
export function fit(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`;
}

/** Leaves out the middle of a long text. */
export function fitMiddle(text: string, width: number): string {
  if (text.length <= width) return text;
  const half = Math.max(1, Math.floor((width - 1) / 2));
  return `${text.slice(0, half)}…${text.slice(text.length - half)}`;
}

/** Breaks a long text between words into lines; further lines start with `indent`. Spaces at its start stay. */
export function wrap(text: string, indent = "", width = COLUMNS): string[] {
  if (text.length <= width) return [text];
  const words = text.trimStart();
  const lines: string[] = [];
  let line = text.slice(0, text.length - words.length);
  for (const word of words.split(" ")) {
    const isFirst = line.trim() === "";
    if (!isFirst && line.length + 1 + word.length > width) {
      lines.push(line);
      line = indent + word;
    } else line = isFirst ? line + word : `${line} ${word}`;
  }
  return [...lines, line];
}
