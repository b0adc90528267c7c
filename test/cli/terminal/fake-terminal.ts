/** A terminal that keeps its screen, for the controls that imgc writes. */
import { stripVTControlCharacters } from "node:util";

export class FakeTerminal {
  readonly isTTY: boolean;
  readonly columns: number;
  /** Everything that was written. */
  written = "";
  readonly #screen: string[] = [];
  #row = 0;

  constructor({ isTTY = true, columns = 80 } = {}) {
    [this.isTTY, this.columns] = [isTTY, columns];
  }

  write(text: string): void {
    this.written += text;
    // Colours do not count; the other controls begin with a visible mark.
    const marked = stripVTControlCharacters(text.replaceAll(/.\[(?=\d+A|[JK])/g, "⎋"));
    for (const [, up, clear, line] of marked.matchAll(/⎋(\d+)A|(⎋J)|([^\n⎋]*)(?:⎋K)?\n/g)) {
      if (up !== undefined) this.#row = Math.max(0, this.#row - Number(up));
      else if (clear !== undefined) this.#screen.length = this.#row;
      else this.#screen[this.#row++] = line ?? "";
    }
  }

  /** The lines on the screen, without colours. */
  get lines(): string[] {
    return [...this.#screen];
  }
}
