/** Shows the progress of layers that are made and sent: one status line on a terminal. */
import type { LayerEvent } from "../../serve/send-blob.ts";
import { sizeText, quantity, timeText } from "../../util/quantities.ts";
import { Screen, type Stream } from "./screen.ts";

export class LayerProgress {
  readonly #screen: Screen;
  readonly #isLog: boolean;
  readonly #verb: string;
  readonly #active = new Map<string, { title: string; sent: number; size: number }>();
  /** The layers and bytes that were sent completely. A registry may still reject a sent layer. */
  total = { layers: 0, bytes: 0 };

  /** `isLog`: also print a line for each layer. `verb`: what happens to the layers. */
  constructor(stream: Stream, { isLog = false, verb = "sent" } = {}) {
    [this.#isLog, this.#verb] = [isLog, verb];
    this.#screen = new Screen(stream, () => this.#status());
  }

  readonly on = (event: LayerEvent): void => {
    const { digest, title, size } = event.blob;
    if (event.kind === "asked") this.#active.set(digest, { title, sent: 0, size });
    else if (event.kind === "sent") {
      const active = this.#active.get(digest);
      if (active !== undefined) active.sent += event.bytes;
    } else if (event.kind === "fetching") this.line(`${title}: fetching ${quantity(event.paths.length, "store path")}`);
    else {
      this.#active.delete(digest);
      if (event.kind === "done") {
        this.total = { layers: this.total.layers + 1, bytes: this.total.bytes + size };
        if (this.#isLog) this.line(`${title}: made ${sizeText(size)}`);
      }
    }
    this.#screen.draw();
  };

  /** Prints a permanent line. */
  line(text: string): void {
    this.#screen.line(text);
  }

  /** Prints a permanent line as a title. */
  title(text: string): void {
    this.#screen.title(text);
  }

  /** The time since the start, as text. */
  get time(): string {
    return timeText(this.#screen.elapsed);
  }

  #status(): string[] {
    const running = [...this.#active.values()];
    const { layers, bytes } = this.total;
    const [first] = running;
    if (first === undefined && this.#isLog) return [];
    const sum = running.reduce((all, { sent }) => all + sent, bytes);
    const facts = [
      `${quantity(layers, "layer")} ${this.#verb}, ${sizeText(sum)}`,
      ...(first === undefined ? [] : [`${first.title}: ${sizeText(first.sent)} of ${sizeText(first.size)}`]),
      ...(running.length > 1 ? [`${running.length - 1} more`] : []),
    ];
    return [`${facts.join(", ")}  ${this.time}`];
  }

  /** Erases the status. */
  [Symbol.dispose](): void {
    this.#active.clear();
    this.#screen[Symbol.dispose]();
  }
}
