/** `imgc compile`: writes the expression to standard output, to a file, or into a flake with all its inputs. */
import { compileFile, expressionOf, type SpecOptions } from "../../app/compile.ts";
import { writeAsFlake, writePortable } from "../../app/write-expression.ts";
import { EXIT, ImgcError } from "../../util/errors.ts";
import { printableLine } from "../../util/printable.ts";
import { terminalReporter } from "../terminal/reporter.ts";

export interface CompileCommandOptions extends SpecOptions {
  output?: string;
  /** A folder for a flake. */
  flake?: string;
}

export function compile(file: string, { output, flake, ...options }: CompileCommandOptions): void {
  if (flake !== undefined && output !== undefined)
    throw new ImgcError(EXIT.usage, "--flake and --output exclude each other");
  using reporter = terminalReporter();
  const compiled = compileFile(file, options, reporter);
  if (flake !== undefined) return printNotes(writeAsFlake(compiled, options, flake));
  if (compiled.spec.images.some(({ cache }) => cache.store ?? cache.binaryCache ?? cache.push)) {
    // A Nix expression cannot choose the store in which it is built.
    printNotes(["the expression ignores store, binary-cache and push of `cache`; use `imgc build` for them"]);
  }
  if (output === undefined) process.stdout.write(expressionOf(compiled));
  else printNotes(writePortable(compiled, file, output));
}

function printNotes(notes: readonly string[]): void {
  for (const note of notes) process.stderr.write(`imgc: ${printableLine(note)}\n`);
}
