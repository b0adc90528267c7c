/** A timeout for sending: a client that receives nothing, or very little, is disconnected. */
import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { EXIT, ImgcError } from "../util/errors.ts";

/** The client timed out or disconnected. */
export class ClientGone extends ImgcError {
  constructor(message: string) {
    super(EXIT.environment, message);
  }
}

const STALL = 60_000;
/** Bytes per second. A client that receives at this rate never times out. */
const SLOWEST = 32 << 10;

export class SendTimeout {
  readonly #response: ServerResponse;
  readonly #most: number;
  #left: number;

  /** `stall`: the milliseconds for which a client may receive nothing. */
  constructor(response: ServerResponse, stall = STALL) {
    this.#response = response;
    this.#most = stall;
    this.#left = stall;
  }

  /** Extends the timeout for bytes that were written. */
  regain(bytes: number): void {
    this.#left = Math.min(this.#most, this.#left + (bytes / SLOWEST) * 1000);
  }

  /** Waits until more can be written. */
  async room(): Promise<void> {
    if (this.#response.writableNeedDrain && !this.#response.destroyed) await this.#wait("drain");
    if (this.#response.destroyed) throw new ClientGone("the client disconnected");
  }

  /** Waits until all bytes are sent, or the client is gone. */
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
      throw new ClientGone("the client timed out");
    } finally {
      closed.abort();
      this.#left = Math.max(0, this.#left - (performance.now() - started));
    }
  }
}
