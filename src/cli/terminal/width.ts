/** Fits text into the columns of a terminal. Text for a pipe or a file is never shortened. */
import { COLUMNS } from "../../util/wrap.ts";

interface Output {
  isTTY?: boolean;
  columns?: number;
}

/** The number of columns for a line of a table or list; Infinity if lines must not be shortened. */
export function widthOf(output: Output): number {
  return output.isTTY === true ? Math.min(terminalWidth(output), COLUMNS) : Infinity;
}

/** The number of columns of a terminal; Infinity if the output is not a terminal. */
export function terminalWidth({ isTTY, columns }: Output): number {
  return isTTY === true ? columns || COLUMNS : Infinity;
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
