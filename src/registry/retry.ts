/** Retries after temporary failures of a registry, with growing delays. */
import { setTimeout as sleep } from "node:timers/promises";
import { ToolError } from "../util/run-tool.ts";
import { RETRY_DELAYS } from "./time-limits.ts";
import { explain, hostOf, type Explanation, type Use } from "./skopeo-errors.ts";
import { currentWaits, LimitedError, Waits } from "./waits.ts";

export interface RetryOptions {
  /** The purpose of the requests, for messages; by default "push". */
  use?: Use;
  signal?: AbortSignal | undefined;
  /** Called before each retry, with the reason. */
  onRetry?: (message: string) => void;
  /** Milliseconds before each retry; an empty list means a single attempt. */
  delays?: readonly number[];
}

/** skopeo was stopped because there was no progress. */
export class StalledError extends ToolError {}

/** Runs `work`, and repeats it after temporary failures. Throws a `ToolError` that explains the last failure. */
export async function retrying<T>(
  reference: string,
  { use, signal, onRetry = () => {}, delays = RETRY_DELAYS }: RetryOptions,
  work: () => Promise<T>,
): Promise<T> {
  const waits = new Waits(reference, onRetry);
  for (let attempt = 0; ; attempt++) {
    try {
      return await currentWaits.run(waits, work);
    } catch (error) {
      if (!(error instanceof ToolError) || error instanceof LimitedError || signal?.aborted === true) throw error;
      const { message, brief, isTransient } =
        error instanceof StalledError ? explainStall(reference, error) : explain(reference, error.message, use);
      const delay = isTransient ? delays[attempt] : undefined;
      if (delay === undefined) {
        const attempts = attempt === 0 ? "" : `; all ${attempt + 1} attempts failed`;
        throw new ToolError(message + attempts);
      }
      onRetry(`${brief}; trying again in ${delay / 1000} s`);
      await sleep(delay, undefined, { signal });
    }
  }
}

function explainStall(reference: string, { message }: StalledError): Explanation {
  const brief = `${reference}: ${hostOf(reference)} ${message}`;
  return { message: brief, brief, isTransient: true };
}
