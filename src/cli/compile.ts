/** `imgc compile`: the expression goes to standard output or a file, or with all it needs into a folder that is a flake. */
import { compileFlake } from "../compile/index.ts";
import { writeFlake } from "./compile-flake.ts";
import { compileFile, type CompileFlags } from "./compile-file.ts";
import { EXIT, UserError } from "./exit.ts";
import { replaceText } from "./text-files.ts";

export interface CompileCommand extends CompileFlags {
  output?: string;
  /** A folder for a flake. */
  flake?: string;
}

export function compile(file: string, flags: CompileCommand): void {
  if (flags.flake !== undefined && flags.output !== undefined)
    throw new UserError(EXIT.usage, "--flake names a folder and --output a file; give one of them");
  const { spec, options, expression } = compileFile(file, flags);
  if (flags.flake === undefined && spec.images.some(({ cache }) => cache.store ?? cache.binaryCache ?? cache.push)) {
    // An expression cannot say where it is built.
    process.stderr.write(
      "imgc: `cache` with a store, binary-cache or push is what `imgc build` does, not the expression\n",
    );
  }
  if (flags.flake !== undefined) writeFlake(compileFlake(spec, options), flags.flake);
  else if (flags.output === undefined) process.stdout.write(expression);
  else replaceText(flags.output, expression);
}
