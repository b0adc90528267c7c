/** Exit codes, and the error that carries one. */
export const EXIT = { findings: 1, usage: 2, environment: 3 } as const;

/** Ends a command with one message. */
export class UserError extends Error {
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

/** Ends a command whose findings were shown already. */
export class Reported extends UserError {
  constructor(code: number) {
    super(code, "");
  }
}

/** Set once a signal has arrived: later failures are then caused by the signal. */
export const interruption: { received?: UserError } = {};
