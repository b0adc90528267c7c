import { setImmediate } from "node:timers/promises";

/** Milliseconds of work between two looks at what else happens. */
const SLICE = 50;

/**
 * The same pieces, with pauses in which signals and timers of the process are handled: a loop over bytes that are there
 * already never waits by itself. Throws the reason of `signal` once it is aborted.
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
