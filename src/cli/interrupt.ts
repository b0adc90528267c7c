/**
 * Ctrl-C and its like: once as a request to stop in order, which has some time; a second time, or where nothing is to be put
 * in order, they end the process at once, as they end any other program.
 */
import { removeOwn } from "../temporary/own-folder.ts";
import { interruption, UserError } from "./exit.ts";

const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
/** Milliseconds that a command has to stop in order. */
const GRACE = 700;

/** Aborted by a signal; carries the exit code that shells expect. */
export class Interrupted extends UserError {
  constructor(code: number) {
    super(code, "interrupted");
  }
}

/** For as long as the process lives. */
export function onInterrupt(): AbortSignal {
  return listen().signal;
}

/** For as long as `work` takes. */
export async function whileInterruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const { signal, stop } = listen();
  try {
    return await work(signal);
  } finally {
    stop();
  }
}

function listen(): { signal: AbortSignal; stop: () => void } {
  const controller = new AbortController();
  const handlers = Object.entries(SIGNALS).map(([name, code]) => {
    const handler = () => {
      const received = new Interrupted(code);
      interruption.received = received;
      setTimeout(() => {
        removeOwn();
        process.exit(code);
      }, GRACE).unref();
      controller.abort(received);
    };
    return [name, handler] as const;
  });
  // At the next turn: a file that is read first, at once, may be a pipe that nobody writes into, and no handler ran then.
  const turn = setImmediate(() => handlers.forEach(([name, handler]) => process.once(name, handler)));
  const stop = () => {
    clearImmediate(turn);
    handlers.forEach(([name, handler]) => process.off(name, handler));
  };
  return { signal: controller.signal, stop };
}
