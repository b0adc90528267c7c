/** Reads from skopeo's debug log how long skopeo waits after the status 429, and limits these waits. */
import { AsyncLocalStorage } from "node:async_hooks";
import { ToolError } from "../util/run-tool.ts";
import { hostOf } from "./skopeo-errors.ts";
import { MAX_WAIT, SHORT_WAIT } from "./time-limits.ts";

/** The registry asks for a wait that is too long. A retry would wait again. */
export class LimitedError extends ToolError {}

/** skopeo's message about the header Retry-After, which holds seconds or a date (RFC 9110, section 10.2.3). */
const ASKED = /Retry-After' header \\?"([^"\\]+)/;
/** skopeo's message before a wait. skopeo shortens waits to a minute, and sends the request again after each wait. */
const WAITS = /Too many requests to .*: sleeping for (\d+)(?:\.\d+)? seconds/;

/** The waits of all skopeo processes for one reference. */
export class Waits {
  readonly #reference: string;
  readonly #onWait: (message: string) => void;
  #asked: number | undefined;
  /** The end of the latest wait. */
  #until = 0;
  /** Milliseconds that skopeo waited without progress. Waits at the same time count once. */
  #total = 0;

  constructor(reference: string, onWait: (message: string) => void) {
    this.#reference = reference;
    this.#onWait = onWait;
  }

  /** Reads a line of the log. Returns an error if the waits are too long. `lastProgress`: a time of `performance.now()`. */
  read(line: string, lastProgress: number, now = performance.now()): LimitedError | undefined {
    const [, asked] = ASKED.exec(line) ?? [];
    if (asked !== undefined) this.#asked = milliseconds(asked);
    const [, slept] = WAITS.exec(line) ?? [];
    if (slept === undefined) return undefined;
    const wait = Math.max(Number(slept) * 1000, this.#asked ?? 0);
    this.#asked = undefined;
    if (lastProgress > this.#until) this.#total = 0;
    const added = Math.max(0, now + wait - Math.max(now, this.#until));
    this.#until = Math.max(this.#until, now + wait);
    this.#total += added;
    const seconds = Math.round(wait / 1000);
    const limit = `${this.#reference}: ${hostOf(this.#reference)} has reached its limit of requests`;
    if (this.#total > MAX_WAIT)
      return new LimitedError(`${limit}, and asks to wait ${seconds} s; try again after that time`);
    if (added >= SHORT_WAIT) this.#onWait(`${limit}; waiting ${seconds} s`);
    return undefined;
  }
}

/** The waits of the `retrying` (retry.ts) that runs now. */
export const currentWaits = new AsyncLocalStorage<Waits>();

/** A value of Retry-After in milliseconds; undefined if the value is neither a number nor a date. */
function milliseconds(value: string): number | undefined {
  const wait = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now();
  return Number.isNaN(wait) ? undefined : wait;
}
