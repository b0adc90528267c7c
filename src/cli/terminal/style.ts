/** Colors of the command line: the same style for the same meaning in every command. */
import { styleText } from "node:util";
import { colors } from "./color-mode.ts";
import { widthOf } from "./width.ts";

const STYLES = {
  /** Names of images, and headings. */
  title: "bold",
  good: "green",
  bad: "red",
  added: "green",
  removed: "red",
  changed: "yellow",
  /** Facts that most readers skip. */
  quiet: "dim",
} as const;
export type Meaning = keyof typeof STYLES;

interface Output {
  isTTY?: boolean;
  columns?: number;
}

/** Whether to use colors. `--color` overrides NO_COLOR, NO_COLOR overrides FORCE_COLOR. */
export function hasColors(output: Output): boolean {
  if (colors.mode !== "auto") return colors.mode === "always";
  if (process.env["NO_COLOR"]) return false;
  const forced = process.env["FORCE_COLOR"];
  return forced === undefined ? isCapable(output) : forced !== "0";
}

/** Whether lines may be redrawn: on a terminal, unless NO_COLOR is set or the terminal has no controls. */
export function canRedraw(output: Output): boolean {
  return isCapable(output) && !process.env["NO_COLOR"];
}

function isCapable({ isTTY }: Output): boolean {
  return isTTY === true && process.env["TERM"] !== "dumb";
}

/** How to print on a stream. */
export interface Layout {
  /** The columns of a line; Infinity if lines must not be shortened. */
  width: number;
  paint: Paint;
}

export function layoutOf(output: Output): Layout {
  return { width: widthOf(output), paint: paintFor(output) };
}

/** Styles printable text for a stream. */
export type Paint = (meaning: Meaning, text: string) => string;

export function paintFor(output: Output): Paint {
  const isColored = hasColors(output);
  return (meaning, text) => (isColored ? styleText(STYLES[meaning], text, { validateStream: false }) : text);
}
