/** Runs the command line, and maps each error to a message and an exit code. */
import { CommanderError } from "commander";
import { EXIT, ImgcError, interruption, isOfMachine } from "../util/errors.ts";
import { printable } from "../util/printable.ts";
import { program } from "./program.ts";

process.stdout.on("error", cannotWrite);
process.stderr.on("error", cannotWrite);

program.parseAsync().catch((failure: unknown) => {
  const error = interruption.received ?? failure;
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : EXIT.usage;
  else if (error instanceof ImgcError) {
    if (error.message !== "") process.stderr.write(`imgc: ${printable(error.message)}\n`);
    process.exitCode = error.exitCode;
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
});

function cannotWrite(error: NodeJS.ErrnoException): never {
  // The reader closed the pipe (`| head`): exit silently, as SIGPIPE ends other programs.
  if (error.code === "EPIPE") process.exit(141);
  process.stderr.write(`imgc: cannot write the output: ${printable(error.message)}\n`);
  process.exit(EXIT.environment);
}
