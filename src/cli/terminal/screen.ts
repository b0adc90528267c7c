/** Prints permanent lines; on a terminal, also redraws status lines below them. */
import { printable, printableLine } from "../../util/printable.ts";
import { canRedraw, paintFor } from "./style.ts";
import { fit } from "./width.ts";

export interface Stream {
  write(text: string): unknown;
  isTTY?: boolean;
  columns?: number;
}

/** The least milliseconds between two drawings of the status lines. */
const REDRAW = 100;
/** Milliseconds between two drawings if nothing happens: the status lines show the time. */
const TICK = 500;
/** Milliseconds before the first status lines: shorter work needs none. */
const DELAY = 400;

/** The screens with status lines on the terminal. */
const drawn = new Set<Screen>();

/** Writes text that belongs to no screen, above the status lines. The next drawing shows them again. */
export function writeAbove(stream: Stream, text: string): void {
  for (const screen of drawn) screen.erase();
  stream.write(text);
}

export class Screen {
  readonly #stream: Stream;
  readonly #current: () => string[];
  readonly #started = Date.now();
  readonly #timer: NodeJS.Timeout | undefined;
  #drawn = 0;
  #last = 0;

  /** `current`: returns the status lines. */
  constructor(stream: Stream, current: () => string[]) {
    this.#stream = stream;
    this.#current = current;
    if (canRedraw(stream)) this.#timer = setInterval(() => this.draw(), TICK).unref();
  }

  /** Milliseconds since the start. */
  get elapsed(): number {
    return Date.now() - this.#started;
  }

  /** Prints a permanent line, which may contain colours; the text in it must be printable. */
  styledLine(text: string): void {
    writeAbove(this.#stream, `${text}\n`);
    this.draw();
  }

  /** Prints a permanent line. */
  line(text: string): void {
    this.styledLine(printable(text));
  }

  /** Prints a permanent line as a title. */
  title(text: string): void {
    this.styledLine(paintFor(this.#stream)("title", printableLine(text)));
  }

  draw(): void {
    const now = Date.now();
    if (!canRedraw(this.#stream) || now - this.#started < DELAY || now - this.#last < REDRAW) return;
    this.#last = now;
    const paint = paintFor(this.#stream);
    const width = (this.#stream.columns || 80) - 1;
    const lines = this.#current().map((line) => `${paint("quiet", fit(printableLine(line), width))}\x1b[K\n`);
    // A single write, so that the terminal shows no state in between.
    const up = this.#drawn > 0 ? `\x1b[${this.#drawn}A` : "";
    const rest = lines.length < this.#drawn ? "\x1b[J" : "";
    if (up !== "" || lines.length > 0) this.#stream.write(up + lines.join("") + rest);
    this.#drawn = lines.length;
    if (lines.length > 0) drawn.add(this);
  }

  /** Erases the status lines. */
  erase(): void {
    if (this.#drawn > 0) this.#stream.write(`\x1b[${this.#drawn}A\x1b[J`);
    this.#drawn = 0;
    this.#last = 0;
    drawn.delete(this);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.erase();
  }
}
