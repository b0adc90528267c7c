/**
 * Limits the work done at once; further work waits in order. A client never has more than half of the slots or of the
 * queue, so that a slow client cannot block the others.
 */
import { EXIT, ImgcError } from "../util/errors.ts";

/** The queue is full; try again later. */
export class Busy extends ImgcError {
  constructor(message: string) {
    super(EXIT.environment, message);
  }
}

const MAX_WAITING = 256;

interface Waiting {
  client: string | undefined;
  go: () => void;
}

export class Slots {
  readonly #size: number;
  readonly #working = new Map<string | undefined, number>();
  #waiting: Waiting[] = [];
  #taken = 0;

  constructor(size: number) {
    this.#size = size;
  }

  /** Waits for a slot; returns a function that frees it. `client`: undefined for a single client, which may use all. */
  async take(client?: string): Promise<() => void> {
    if (this.#has(client)) this.#count(client, 1);
    else {
      const own = this.#waiting.filter((other) => other.client === client).length;
      const isFull = this.#waiting.length >= MAX_WAITING || own >= MAX_WAITING / 2;
      if (client !== undefined && isFull) throw new Busy("all layer threads are busy");
      await new Promise<void>((go) => this.#waiting.push({ client, go }));
    }
    return () => {
      this.#count(client, -1);
      const next = this.#waiting.find((waiting) => this.#has(waiting.client));
      if (next === undefined) return;
      this.#waiting = this.#waiting.filter((waiting) => waiting !== next);
      this.#count(next.client, 1);
      next.go();
    };
  }

  #has(client: string | undefined): boolean {
    const own = client === undefined ? 0 : (this.#working.get(client) ?? 0);
    return this.#taken < this.#size && own < Math.ceil(this.#size / 2);
  }

  #count(client: string | undefined, change: number): void {
    this.#taken += change;
    const own = (this.#working.get(client) ?? 0) + change;
    if (own === 0) this.#working.delete(client);
    else this.#working.set(client, own);
  }
}
