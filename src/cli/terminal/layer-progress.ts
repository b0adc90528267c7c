/** Shows the progress of layers that are made and sent. */
import type { LayerEvent } from "../../serve/send-blob.ts";
import { sizeText, quantity } from "../../util/quantities.ts";
import { Screen, type Stream } from "./screen.ts";

export class LayerProgress {
  readonly #screen: Screen;
  readonly #active = new Map<string, { title: string; sent: number; size: number }>();
  /** The layers and bytes that were sent completely. A registry may still reject a sent layer. */
  total = { layers: 0, bytes: 0 };

  constructor(stream: Stream) {
    this.#screen = new Screen(stream, () =>
      [...this.#active.values()].map(({ title, sent, size }) => `  ${title}  ${sizeText(sent)} of ${sizeText(size)}`),
    );
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
        this.line(`${title}: made ${sizeText(size)}`);
      }
    }
    this.#screen.draw(event.kind !== "sent");
  };

  /** Prints a permanent line. */
  line(text: string): void {
    this.#screen.line(text);
  }

  /** Erases the lines of running layers. */
  [Symbol.dispose](): void {
    this.#active.clear();
    this.#screen.erase();
  }
}
