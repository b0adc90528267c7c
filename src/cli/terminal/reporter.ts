/** Prints the reports of an operation on standard error: diagnostics, warnings, and the progress of Nix. */
import type { Context, Reporter } from "../../app/reporter.ts";
import { printable, printableLine } from "../../util/printable.ts";
import { BuildProgress } from "./build-progress.ts";
import { report } from "./diagnostics.ts";
import { writeAbove } from "./screen.ts";
import { whileInterruptible } from "./signals.ts";

interface Options {
  /** Show the builders' output, as `nix build -L` does. */
  logs?: boolean;
  /** The status while Nix neither builds nor fetches. */
  idle?: string;
}

/** Runs an operation, and prints its reports. */
export async function reporting<T>(
  signal: AbortSignal,
  work: (context: Context) => Promise<T>,
  options: Options = {},
): Promise<T> {
  using reporter = terminalReporter(options);
  return await work({ reporter, signal });
}

/** Prints retries of a fetch from a registry, and lets signals stop the fetch. */
export const FETCHING = {
  onRetry: (message: string) => writeAbove(process.stderr, `imgc: ${printableLine(message)}\n`),
  stoppable: whileInterruptible,
};

export function terminalReporter(options: Options = {}): Reporter & Disposable {
  const progress = new BuildProgress(process.stderr, options);
  return {
    diagnostics(found) {
      progress.erase();
      report(found, process.stderr);
    },
    warning: (text) => writeAbove(process.stderr, `imgc: ${printable(text)}\n`),
    line: (text) => progress.line(text),
    event: progress.on,
    layers: (sources) => progress.layers(sources),
    [Symbol.dispose]: () => progress[Symbol.dispose](),
  };
}
