/** Shows layers on their way: bars that are redrawn on a terminal, a line each where the output is piped. */
import type { LayerEvent } from "../serve/send-blob.ts";
import { bytes } from "./bytes.ts";

interface Screen {
  write(text: string): unknown;
  isTTY?: boolean;
}

const REDRAW = 100;

export class LayerProgress {
  readonly #screen: Screen;
  readonly #verb: string;
  readonly #active = new Map<string, { title: string; sent: number; size: number }>();
  #drawn = 0;
  #last = 0;
  /** Bytes and layers that were taken to their end. */
  total = { layers: 0, bytes: 0 };

  /** `verb`: what is done with a layer, as in "sent". */
  constructor(screen: Screen, verb: string) {
    this.#screen = screen;
    this.#verb = verb;
  }

  readonly on = (event: LayerEvent): void => {
    const { digest, title, size } = event.blob;
    if (event.kind === "asked") this.#active.set(digest, { title, sent: 0, size });
    else if (event.kind === "sent") {
      const active = this.#active.get(digest);
      if (active !== undefined) active.sent += event.bytes;
    } else {
      this.#active.delete(digest);
      if (event.kind === "done") {
        this.total = { layers: this.total.layers + 1, bytes: this.total.bytes + size };
        this.line(`${title}: ${this.#verb} ${bytes(size)}`);
      }
    }
    this.#draw(event.kind !== "sent");
  };

  /** A line that stays. */
  line(text: string): void {
    this.#erase();
    this.#screen.write(`${text}\n`);
    this.#draw(true);
  }

  /** Takes away what is only for the moment. */
  end(): void {
    this.#active.clear();
    this.#erase();
  }

  #draw(now: boolean): void {
    if (this.#screen.isTTY !== true || (!now && Date.now() - this.#last < REDRAW)) return;
    this.#last = Date.now();
    this.#erase();
    for (const { title, sent, size } of this.#active.values()) {
      this.#screen.write(`  ${title}  ${bytes(sent)} of ${bytes(size)}\n`);
      this.#drawn++;
    }
  }

  #erase(): void {
    if (this.#drawn > 0) this.#screen.write(`\x1b[${this.#drawn}A\x1b[J`);
    this.#drawn = 0;
  }
}
