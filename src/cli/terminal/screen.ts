/** Prints permanent lines; on a terminal, also redraws status lines below them. */
import { printable, printableLine } from "../../util/printable.ts";

export interface Stream {
  write(text: string): unknown;
  isTTY?: boolean;
  columns?: number;
}

/** The least milliseconds between two drawings of the status lines. */
const REDRAW = 100;

export class Screen {
  readonly #stream: Stream;
  readonly #current: () => string[];
  #drawn = 0;
  #last = 0;

  /** `current`: returns the status lines. */
  constructor(stream: Stream, current: () => string[]) {
    this.#stream = stream;
    this.#current = current;
  }

  /** Prints a permanent line. */
  line(text: string): void {
    this.erase();
    this.#stream.write(`${printable(text)}\n`);
    this.draw(true);
  }

  draw(now: boolean): void {
    if (this.#stream.isTTY !== true || (!now && Date.now() - this.#last < REDRAW)) return;
    this.#last = Date.now();
    this.erase();
    const width = this.#stream.columns || 80;
    for (const line of this.#current()) {
      this.#stream.write(`${printableLine(line).slice(0, width - 1)}\n`);
      this.#drawn++;
    }
  }

  /** Erases the status lines. */
  erase(): void {
    if (this.#drawn > 0) this.#stream.write(`\x1b[${this.#drawn}A\x1b[J`);
    this.#drawn = 0;
  }
}
