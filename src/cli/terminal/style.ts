/** Colours of the command line: the same style for the same meaning in every command. */
import { styleText } from "node:util";

export type ColourMode = "auto" | "always" | "never";

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
}

let mode: ColourMode = "auto";

/** Sets the value of the option `--color`. */
export function setColours(wanted: ColourMode): void {
  mode = wanted;
}

/** Whether to use colours. `--color` overrides NO_COLOR, NO_COLOR overrides FORCE_COLOR. */
export function hasColours(output: Output): boolean {
  if (mode !== "auto") return mode === "always";
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

/** Styles printable text for a stream. */
export type Paint = (meaning: Meaning, text: string) => string;

export function paintFor(output: Output): Paint {
  const isColoured = hasColours(output);
  return (meaning, text) => (isColoured ? styleText(STYLES[meaning], text, { validateStream: false }) : text);
}
