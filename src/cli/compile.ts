/** `imgc compile`: the expression goes to standard output or a file. */
import { compileFile, type CompileFlags } from "./compile-file.ts";
import { replaceText } from "./text-files.ts";

export interface CompileCommand extends CompileFlags {
  output?: string;
}

export function compile(file: string, options: CompileCommand): void {
  const { expression } = compileFile(file, options);
  if (options.output === undefined) process.stdout.write(expression);
  else replaceText(options.output, expression);
}
