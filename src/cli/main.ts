/** Runs the command line. */
import { EXIT } from "../util/errors.ts";
import { printable } from "../util/printable.ts";
import { reportFailure } from "./failure.ts";
import { createProgram } from "./program.ts";

for (const name of ["stdout", "stderr"] as const) onFirstUse(name, (stream) => stream.on("error", cannotWrite));

createProgram(process.argv[2]).parseAsync().catch(reportFailure);

/** Calls a function with an output stream at its first use: opening a stream takes longer than checking a short file. */
function onFirstUse(name: "stdout" | "stderr", prepare: (stream: NodeJS.WriteStream) => void): void {
  const open = Object.getOwnPropertyDescriptor(process, name)?.get as () => NodeJS.WriteStream;
  Object.defineProperty(process, name, {
    configurable: true,
    get() {
      const stream = open.call(process);
      Object.defineProperty(process, name, { configurable: true, enumerable: true, value: stream });
      prepare(stream);
      return stream;
    },
  });
}

function cannotWrite(error: NodeJS.ErrnoException): never {
  // The reader closed the pipe (`| head`): exit silently, as SIGPIPE ends other programs.
  if (error.code === "EPIPE") process.exit(141);
  process.stderr.write(`imgc: cannot write the output: ${printable(error.message)}\n`);
  process.exit(EXIT.environment);
}
