/** Spec -> the text of a Nix expression. Reads no files. */
import type { Spec } from "../language/schema/spec.ts";
import { lower, type CompileOptions } from "./lower.ts";
import { printNix } from "./print.ts";

export { attributes, type CompileOptions } from "./lower.ts";
export { notBuilt } from "./not-built.ts";

export function compile(spec: Spec, options: CompileOptions): string {
  return printNix(lower(spec, options));
}
