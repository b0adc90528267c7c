/** Maps the error of a command to a message and an exit code. */
import { CommanderError } from "commander";
import { EXIT, ImgcError, interruption, isOfMachine } from "../util/errors.ts";
import { printable } from "../util/printable.ts";

export function reportFailure(failure: unknown): void {
  const error = interruption.received ?? failure;
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : EXIT.usage;
  else if (error instanceof ImgcError) {
    if (error.message !== "") process.stderr.write(`imgc: ${printable(error.message)}\n`);
    process.exitCode = error.exitCode;
  } else if (isDeletedFolder(error)) {
    process.stderr.write("imgc: the current folder was deleted; run imgc in another folder\n");
    process.exitCode = EXIT.environment;
  } else if (isOfMachine(error)) {
    const temporary = process.env["TMPDIR"] ?? "/tmp";
    process.stderr.write(
      `imgc: ${printable(error.message)} (temporary files are in ${temporary}; TMPDIR sets another folder)\n`,
    );
    process.exitCode = EXIT.environment;
  } else {
    const text = error instanceof Error ? error.stack : String(error);
    process.stderr.write(`imgc: bug in imgc, please report it:\n${printable(text ?? "")}\n`);
    process.exitCode = EXIT.environment;
  }
}

/** Whether the system could not tell the current folder. */
function isDeletedFolder(error: unknown): boolean {
  return error instanceof Error && "syscall" in error && error.syscall === "uv_cwd";
}
