/** Lines that stay, and below them what is going on now: redrawn on a terminal, never shown where the output is piped. */
import { printable, printableLine } from "../../util/printable.ts";

export interface Stream {
  write(text: string): unknown;
  isTTY?: boolean;
  columns?: number;
}

/** Milliseconds between two drawings of what changes all the time. */
const REDRAW = 100;

export class Screen {
  readonly #stream: Stream;
  readonly #current: () => string[];
  #drawn = 0;
  #last = 0;

  /** `current`: a line for each thing going on. */
  constructor(stream: Stream, current: () => string[]) {
    this.#stream = stream;
    this.#current = current;
  }

  /** A line that stays. */
  line(text: string): void {
    this.#erase();
    this.#stream.write(`${printable(text)}\n`);
    this.draw(true);
  }

  draw(now: boolean): void {
    if (this.#stream.isTTY !== true || (!now && Date.now() - this.#last < REDRAW)) return;
    this.#last = Date.now();
    this.#erase();
    const width = this.#stream.columns || 80;
    for (const line of this.#current()) {
      this.#stream.write(`${printableLine(line).slice(0, width - 1)}\n`);
      this.#drawn++;
    }
  }

  /** Takes away what is only for the moment. */
  end(): void {
    this.#erase();
  }

  #erase(): void {
    if (this.#drawn > 0) this.#stream.write(`\x1b[${this.#drawn}A\x1b[J`);
    this.#drawn = 0;
  }
}
