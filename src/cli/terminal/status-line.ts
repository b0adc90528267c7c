/** One line on a terminal that says what is going on, and is gone afterwards; nothing where the output is piped. */
import { printableLine } from "../../util/printable.ts";

interface Screen {
  write(text: string): unknown;
  isTTY?: boolean;
  columns?: number;
}

/** What is over sooner needs no line. */
const PATIENCE = 500;

export class StatusLine {
  readonly #screen: Screen;
  readonly #started = Date.now();
  #isShown = false;

  constructor(screen: Screen) {
    this.#screen = screen;
  }

  show(text: string): void {
    if (this.#screen.isTTY !== true || Date.now() - this.#started < PATIENCE) return;
    this.#screen.write(`\r\x1b[K${printableLine(text).slice(0, (this.#screen.columns ?? 80) - 1)}`);
    this.#isShown = true;
  }

  clear(): void {
    if (this.#isShown) this.#screen.write("\r\x1b[K");
    this.#isShown = false;
  }
}
