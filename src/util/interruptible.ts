/** Keeps long loops interruptible. */
import { setImmediate } from "node:timers/promises";

/** Milliseconds of work between pauses. */
const SLICE = 50;

/**
 * Yields the same pieces, with pauses in which signals and timers are handled: a loop over bytes in memory would never
 * wait. Throws the reason of `signal` once `signal` is aborted.
 */
export async function* interruptible<T>(
  pieces: AsyncIterable<T> | Iterable<T>,
  signal?: AbortSignal,
): AsyncGenerator<T, void, undefined> {
  let paused = performance.now();
  for await (const piece of pieces) {
    if (performance.now() - paused > SLICE) {
      await setImmediate();
      paused = performance.now();
    }
    signal?.throwIfAborted();
    yield piece;
  }
}
