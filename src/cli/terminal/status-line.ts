/** A status line on a terminal, erased afterwards; prints nothing if the output is not a terminal. */
import { printableLine } from "../../util/printable.ts";

interface Screen {
  write(text: string): unknown;
  isTTY?: boolean;
  columns?: number;
}

/** Milliseconds before the first status line: shorter work needs none. */
const DELAY = 500;

export class StatusLine {
  readonly #screen: Screen;
  readonly #started = Date.now();
  #isShown = false;

  constructor(screen: Screen) {
    this.#screen = screen;
  }

  show(text: string): void {
    if (this.#screen.isTTY !== true || Date.now() - this.#started < DELAY) return;
    this.#screen.write(`\r\x1b[K${printableLine(text).slice(0, (this.#screen.columns ?? 80) - 1)}`);
    this.#isShown = true;
  }

  [Symbol.dispose](): void {
    if (this.#isShown) this.#screen.write("\r\x1b[K");
    this.#isShown = false;
  }
}
