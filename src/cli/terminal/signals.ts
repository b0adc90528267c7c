/**
 * Handles SIGINT and similar signals. The first one asks a command with cleanup to stop within a time limit. A second
 * signal, or a signal to any other command, ends the process at once.
 */
import { beforeTools, endTools } from "../../util/run-tool.ts";
import { removeOwn } from "../../util/temporary.ts";
import { interruption, ImgcError } from "../../util/errors.ts";

const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
/** Milliseconds that a command, or a container, has to end after a signal. */
export const GRACE = 700;

/** Handles signals until the process ends. `note`: added to the message "interrupted", to describe the state at that time. */
export function onInterrupt(note?: () => string): AbortSignal {
  return listen(note).signal;
}

/** Handles signals while `work` runs. */
export async function whileInterruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const { signal, stop } = listen();
  try {
    return await work(signal);
  } finally {
    stop();
  }
}

/**
 * Signals end the process and its tools at once, with a message, until the result is disposed. For work that needs no time to
 * stop.
 */
export function endOnInterrupt(): Disposable {
  const stop = onSignals((code) => {
    endTools();
    removeOwn();
    process.stderr.write("imgc: interrupted\n");
    process.exit(code);
  });
  return { [Symbol.dispose]: stop };
}

function listen(note?: () => string): { signal: AbortSignal; stop: () => void } {
  const controller = new AbortController();
  const stop = onSignals((code) => {
    const received = new ImgcError(code, note === undefined ? "interrupted" : `interrupted; ${note()}`);
    interruption.received = received;
    setTimeout(() => {
      removeOwn();
      // With an exit code, the command has ended and its message is written already.
      if (process.exitCode === undefined) process.stderr.write(`imgc: ${received.message}\n`);
      process.exit(process.exitCode ?? code);
    }, GRACE).unref();
    controller.abort(received);
  });
  return { signal: controller.signal, stop };
}

/** Calls `handle` with the exit code of the first signal of each kind. Returns a function that removes the handlers. */
function onSignals(handle: (code: number) => void): () => void {
  const handlers = Object.entries(SIGNALS).map(([name, code]) => [name, () => handle(code)] as const);
  const cancel = () => {
    clearImmediate(turn);
    beforeTools.delete(install);
  };
  const install = () => {
    cancel();
    handlers.forEach(([name, handler]) => process.once(name, handler));
  };
  // Install the handlers in the next turn of the event loop, or before the first tool starts. Until then, a signal still ends
  // a blocking read of a FIFO.
  const turn = setImmediate(install);
  beforeTools.add(install);
  return () => {
    cancel();
    handlers.forEach(([name, handler]) => process.off(name, handler));
  };
}
