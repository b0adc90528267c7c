/** Draws recorded commands as an animated SVG: each command is typed, then its output appears. */
import type { Recorded } from "./record.ts";

/** The width of a character, the height of a row, the size of the font, the margin, and the bar of the window, in pixels. */
const [CELL, LINE, FONT, MARGIN, BAR] = [8.4, 19, 14, 16, 30];
/** The time before typing, for each key, before the output, and for reading it, in seconds. */
const [START, KEY, ENTER, READ] = [0.8, 0.05, 0.3, 6];
const PROMPT = "$ ";

/** The colours of a dark terminal, which is readable on light and dark pages. */
const BACKGROUND = "#161b22";
const FOREGROUND = "#d5dbe3";
const BORDER = "#57606a";
const GREEN = "#63d07a";
const BUTTONS = ["#ff5f57", "#febc2e", "#28c840"];
const FAMILY = 'ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace';
/** By the number of the escape sequence. */
const COLOURS: Record<number, string> = {
  31: "#ff8078",
  32: GREEN,
  33: "#e8b84a",
  34: "#79b8ff",
  35: "#d2a8ff",
  36: "#6bd5d8",
};

interface Style {
  colour: string | undefined;
  isBold: boolean;
  isDim: boolean;
}

interface Span extends Style {
  text: string;
}

const PLAIN: Style = { colour: undefined, isBold: false, isDim: false };

/** The lines of an output, each as spans of one style. */
export function styledLines(output: string): Span[][] {
  let style = PLAIN;
  return output.split("\n").map((line) => {
    const spans: Span[] = [];
    for (const [index, part] of line.split("\u001b[").entries()) {
      const [, codes, text = part] = (index === 0 ? null : /^([\d;]*)m(.*)$/.exec(part)) ?? [];
      for (const code of codes?.split(";") ?? []) style = styleAfter(style, Number(code));
      if (text !== "") spans.push({ ...style, text });
    }
    return spans;
  });
}

function styleAfter(style: Style, code: number): Style {
  if (code === 0) return PLAIN;
  if (code === 1) return { ...style, isBold: true };
  if (code === 2) return { ...style, isDim: true };
  if (code === 22) return { ...style, isBold: false, isDim: false };
  if (code === 39) return { ...style, colour: undefined };
  const colour = COLOURS[code];
  if (colour === undefined) throw new Error(`the recording has no style for the escape sequence ${code}`);
  return { ...style, colour };
}

/** Breaks a line at the width of the terminal, as a terminal does. */
function wrapped(spans: readonly Span[], columns: number): Span[][] {
  const rows: Span[][] = [[]];
  let column = 0;
  for (const span of spans) {
    for (let rest = span.text; rest !== "";) {
      if (column === columns) {
        rows.push([]);
        column = 0;
      }
      const text = rest.slice(0, columns - column);
      rows.at(-1)?.push({ ...span, text });
      column += text.length;
      rest = rest.slice(text.length);
    }
  }
  return rows;
}

const escaped = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

const number = (value: number): string => String(Math.round(value * 100) / 100);

function rowSvg(spans: readonly Span[], row: number): string {
  let column = 0;
  const texts = spans.map((span) => {
    const { text, colour, isBold, isDim } = span;
    const x = number(MARGIN + column * CELL);
    column += text.length;
    if (text.trim() === "") return "";
    const style = [
      ...(colour === undefined ? [] : [`fill="${colour}"`]),
      ...(isBold ? ['font-weight="bold"'] : []),
      ...(isDim ? ['fill-opacity="0.6"'] : []),
    ];
    // The length keeps columns aligned in every font.
    return `<tspan x="${x}" textLength="${number(text.length * CELL)}" ${style.join(" ")}>${escaped(text)}</tspan>`;
  });
  return `<text y="${number(top(row) + FONT)}">${texts.join("")}</text>`;
}

const top = (row: number): number => BAR + row * LINE;

/** A command with its output: rows of the picture, and seconds from its start. */
interface Step {
  command: string;
  row: number;
  rows: Span[][];
  /** When the prompt appears, the typing starts and ends, and the output appears. */
  times: { prompt: number; typing: number; typed: number; output: number };
}

/** `title`: a description of the picture for people who cannot see it. */
export function terminalSvg(
  recorded: readonly Recorded[],
  { columns, title }: { columns: number; title: string },
): string {
  const steps: Step[] = [];
  let row = 0;
  let prompt = 0;
  for (const { command, output } of recorded) {
    const rows = styledLines(output.trimEnd()).flatMap((spans) => wrapped(spans, columns));
    const typing = prompt + START;
    const typed = typing + command.length * KEY;
    steps.push({ command, row, rows, times: { prompt, typing, typed, output: typed + ENTER } });
    prompt = typed + ENTER + READ;
    // An empty line separates the commands.
    row += rows.length + 2;
  }
  return picture(steps, { rows: row - 1, width: 2 * MARGIN + columns * CELL, duration: prompt, title });
}

interface Size {
  rows: number;
  width: number;
  duration: number;
  title: string;
}

function picture(steps: readonly Step[], { rows, width, duration, title }: Size): string {
  const [w, h] = [width, top(rows) + MARGIN].map(number);
  // Without animation, as for people who ask for reduced motion, everything is visible and nothing is covered.
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${w}" height="${h}" viewBox="0 0 ${w} ${h}" role="img">
<title>${escaped(title)}</title>
<style>
text { font: ${FONT}px ${FAMILY}; fill: ${FOREGROUND}; white-space: pre }
.typing { display: none }
@media (prefers-reduced-motion: no-preference) {
.typing { display: inline }
${steps.map((step, index) => animations(step, index, duration)).join("\n")}
}
</style>
<rect x="0.5" y="0.5" width="${number(width - 1)}" height="${number(top(rows) + MARGIN - 1)}" rx="8" fill="${BACKGROUND}" stroke="${BORDER}"/>
${BUTTONS.map((fill, i) => `<circle cx="${MARGIN + 4 + i * 18}" cy="15" r="5" fill="${fill}"/>`).join("")}
${steps.map((step, index) => stepSvg(step, index, width)).join("\n")}
</svg>
`;
}

function animations({ command, times }: Step, index: number, duration: number): string {
  const at = (seconds: number): string => `${number((100 * seconds) / duration)}%`;
  const run = `${number(duration)}s infinite`;
  const appear = (name: string, time: number): string =>
    `@keyframes ${name} { 0% { visibility: hidden } ${at(time)}, 100% { visibility: visible } }\n` +
    `.${name} { animation: ${name} ${run} step-end }`;
  return `${appear(`prompt${index}`, times.prompt)}
${appear(`output${index}`, times.output)}
@keyframes type${index} {
  0% { transform: none; animation-timing-function: step-end }
  ${at(times.typing)} { transform: none; animation-timing-function: steps(${command.length}) }
  ${at(times.typed)}, 100% { transform: translateX(${number(command.length * CELL)}px) }
}
.type${index} { animation: type${index} ${run} }
@keyframes cursor${index} {
  0% { visibility: hidden }
  ${at(times.prompt)} { visibility: visible }
  ${at(times.output)}, 100% { visibility: hidden }
}
.cursor${index} { animation: cursor${index} ${run} step-end }`;
}

function stepSvg({ command, row, rows }: Step, index: number, width: number): string {
  const prompt: Span = { ...PLAIN, text: PROMPT, colour: GREEN };
  const typed: Span = { ...PLAIN, text: command, isBold: true };
  const [x, y] = [MARGIN + PROMPT.length * CELL, top(row)].map(number);
  const rest = number(width - 2 * MARGIN - PROMPT.length * CELL);
  // A rectangle hides the part of the command that is not yet typed; the cursor is at its edge.
  const cover = `<rect width="${rest}" height="${LINE}" fill="${BACKGROUND}"/>`;
  const cursor = `<rect class="cursor${index}" width="${CELL}" height="${LINE - 2}" fill="${FOREGROUND}"/>`;
  return `<g class="prompt${index}">
${rowSvg([prompt, typed], row)}
<svg x="${x}" y="${y}" width="${rest}" height="${LINE}" class="typing"><g class="type${index}">${cover}${cursor}</g></svg>
</g>
<g class="output${index}">
${rows.map((spans, i) => rowSvg(spans, row + 1 + i)).join("\n")}
</g>`;
}
