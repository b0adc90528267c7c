/** `imgc import FILE`: converts a Dockerfile, a Nix expression or an apko file to an image description. */
import { importedSource, type ImportOptions } from "../../app/import.ts";
import { checkOnDisk } from "../../app/read-spec.ts";
import { EXIT, Reported } from "../../util/errors.ts";
import { printable, printableLine } from "../../util/printable.ts";
import { createText } from "../../util/text-files.ts";
import { report } from "../terminal/diagnostics.ts";
import { endOnInterrupt } from "../terminal/signals.ts";
import { withStatus } from "../terminal/status-line.ts";

export type ImportCommandOptions = ImportOptions;

/** Without `-o`, the description goes to standard output. */
export async function importFile(file: string, options: ImportCommandOptions): Promise<void> {
  using _ = endOnInterrupt();
  const source = await withStatus((onStep) => importedSource(file, options, onStep));
  if (options.output === undefined) process.stdout.write(printable(source.text));
  else createText(source.path, source.text);
  const { diagnostics, sources } = checkOnDisk(source);
  report({ diagnostics, sources }, process.stderr);
  if (options.output !== undefined)
    process.stderr.write(
      `Wrote ${printableLine(options.output)}. Read its comments: they name everything that could not be imported.\n`,
    );
  if (diagnostics.some(({ severity }) => severity === "error")) throw new Reported(EXIT.findings);
}
