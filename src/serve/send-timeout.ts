/** How long a client may keep what is made for it waiting: one that takes nothing, or next to nothing, is given up. */
import { once } from "node:events";
import type { ServerResponse } from "node:http";

/** The client takes nothing, or went away. */
export class Gone extends Error {}

const STALL = 60_000;
/** Bytes in a second that are enough to be waited for without end. */
const SLOWEST = 32 << 10;

export class SendTimeout {
  readonly #response: ServerResponse;
  readonly #most: number;
  #left: number;

  /** `stall`: milliseconds without a byte. */
  constructor(response: ServerResponse, stall = STALL) {
    this.#response = response;
    this.#most = stall;
    this.#left = stall;
  }

  /** So many bytes are handed over. */
  regain(bytes: number): void {
    this.#left = Math.min(this.#most, this.#left + (bytes / SLOWEST) * 1000);
  }

  /** Waits until more can be handed over. */
  async room(): Promise<void> {
    if (this.#response.writableNeedDrain && !this.#response.destroyed) await this.#wait("drain");
    if (this.#response.destroyed) throw new Gone("the client went away");
  }

  /** Waits until all has been handed over, or the client is gone. */
  async finish(): Promise<void> {
    if (!this.#response.writableFinished && !this.#response.destroyed) await this.#wait("finish");
  }

  async #wait(event: "drain" | "finish"): Promise<void> {
    const started = performance.now();
    const closed = new AbortController();
    const signal = AbortSignal.any([AbortSignal.timeout(Math.ceil(this.#left)), closed.signal]);
    try {
      await Promise.race([once(this.#response, event, { signal }), once(this.#response, "close", { signal })]);
    } catch {
      throw new Gone("the client takes nothing");
    } finally {
      closed.abort();
      this.#left = Math.max(0, this.#left - (performance.now() - started));
    }
  }
}
