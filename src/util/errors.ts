/** Exit codes, and the base of all errors of this project. `cli/failure.ts` turns an error into a message and an exit code. */
export const EXIT = { findings: 1, usage: 2, environment: 3 } as const;

/** An error whose message is for the user. */
export class ImgcError extends Error {
  readonly exitCode: number;

  constructor(exitCode: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
  }
}

/** Ends a command whose diagnostics were already shown. */
export class Reported extends ImgcError {
  constructor(exitCode: number) {
    super(exitCode, "");
  }
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

const MACHINE_CODES = new Set(["ENOSPC", "EDQUOT", "EFBIG", "EROFS", "EMFILE", "ENFILE", "EIO", "ENOMEM"]);

/**
 * Whether a full disk, a limit, a broken device or a missing tool caused an error. Such an error says nothing about the file
 * that was read.
 */
export function isOfMachine(error: unknown): error is Error {
  if (error instanceof ImgcError) return error.exitCode === EXIT.environment;
  return error instanceof Error && "code" in error && MACHINE_CODES.has(String(error.code));
}

/** The error of a received signal. It replaces later errors, which are consequences of the signal. */
export const interruption: { received?: ImgcError } = {};

/** The result of reading files that may be missing or damaged; undefined if they are. */
export function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof ImgcError || (error as NodeJS.ErrnoException).code !== undefined) return undefined;
    throw error;
  }
}
