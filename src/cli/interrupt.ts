/** Ctrl-C and its like, once as a request to stop in order; a second time they end the process at once. */
const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/** Aborted by a signal; carries the exit code that shells expect. */
export class Interrupted extends Error {
  readonly code: number;

  constructor(code: number) {
    super("interrupted");
    this.code = code;
  }
}

export function onInterrupt(): AbortSignal {
  const controller = new AbortController();
  for (const [name, code] of Object.entries(SIGNALS)) {
    process.once(name, () => controller.abort(new Interrupted(code)));
  }
  return controller.signal;
}
