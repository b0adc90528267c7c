/** Shows that indexing a package set takes time. */
import type { IndexProgress } from "../../packages/index.ts";
import { Screen } from "./screen.ts";

/** Milliseconds before a slow lookup is reported. */
const REPORT_DELAY = 2000;

/** Prints a line for each package set whose index takes long. On a terminal, also counts the indexed names. */
export class IndexProgressLines {
  #count = "";
  readonly #screen = new Screen(process.stderr, () => (this.#count === "" ? [] : [this.#count]));
  readonly #started = new Map<string, number>();

  readonly on: IndexProgress = (inside, known, total) => {
    const set = inside.length === 0 ? "the package set" : inside.join(".");
    const before = this.#started.get(set);
    this.#count = `  ${known} of ${total}`;
    if (before === undefined) this.#started.set(set, Date.now());
    else if (Date.now() - before > REPORT_DELAY) {
      this.#screen.line(`imgc: indexing the ${total} names of ${set} with Nix; the index is kept for the next run`);
      this.#started.set(set, Infinity);
    }
    if (this.#started.get(set) === Infinity) this.#screen.draw();
  };

  [Symbol.dispose](): void {
    this.#screen[Symbol.dispose]();
  }
}
