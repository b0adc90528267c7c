/** A status line on a terminal, with the time; erased afterwards. Prints nothing if the output is not a terminal. */
import { timeText } from "../../util/quantities.ts";
import { Screen, type Stream } from "./screen.ts";

/** Shows the steps of some work as a status on standard error. */
export async function withStatus<T>(work: (onStep: (text: string) => void) => T | Promise<T>): Promise<T> {
  using status = new StatusLine(process.stderr);
  return await work((text) => status.show(text));
}

export class StatusLine {
  readonly #screen: Screen;
  #text = "";

  constructor(stream: Stream, text = "") {
    this.#text = text;
    this.#screen = new Screen(stream, () =>
      this.#text === "" ? [] : [`${this.#text}  ${timeText(this.#screen.elapsed)}`],
    );
  }

  show(text: string): void {
    this.#text = text;
    this.#screen.draw();
  }

  [Symbol.dispose](): void {
    this.#screen[Symbol.dispose]();
  }
}
