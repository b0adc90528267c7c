/** Runs the command line. */
import { EXIT } from "../util/errors.ts";
import { printable } from "../util/printable.ts";
import { reportFailure } from "./failure.ts";
import { program } from "./program.ts";

process.stdout.on("error", cannotWrite);
process.stderr.on("error", cannotWrite);

program.parseAsync().catch(reportFailure);

function cannotWrite(error: NodeJS.ErrnoException): never {
  // The reader closed the pipe (`| head`): exit silently, as SIGPIPE ends other programs.
  if (error.code === "EPIPE") process.exit(141);
  process.stderr.write(`imgc: cannot write the output: ${printable(error.message)}\n`);
  process.exit(EXIT.environment);
}
