/** Formats named facts: a column of names, and the facts beside it. */
import { printableLine } from "../../util/printable.ts";
import { wrap } from "../../util/wrap.ts";

/** The column of facts. With it, a line with a digest has 80 columns. */
const INDENT = 9;

/** The lines of a fact. */
export function fact(name: string, text: string): string[] {
  return wrap(name.padEnd(INDENT) + printableLine(text), " ".repeat(INDENT));
}
