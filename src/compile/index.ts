/** Compiles a spec to the text of a Nix expression. Reads no files. */
import type { Spec } from "../language/schema/spec.ts";
import { specNix } from "./expression.ts";
import { packageSet } from "./package-set.ts";
import { printNix } from "./print.ts";
import type { CompileOptions } from "./options.ts";

export type { CompileOptions } from "./options.ts";
export { attributes, needed } from "./expression.ts";
export { compileFlake, FLAKE_HEAD, type Flake, type FlakeCaches, type FlakeCopy } from "./flake.ts";
export { compilePortable } from "./portable.ts";
export { compileProbes, HOST, type Probe } from "./probes.ts";
export { usesOf, type Use } from "./uses.ts";
export { pinDiagnostic, SIGNED_BASE, unpinned } from "./unpinned.ts";

export function compile(spec: Spec, options: CompileOptions): string {
  return printNix(specNix(spec, options));
}

/** The expression of the package set alone. */
export function compilePackageSet(spec: Pick<Spec, "nixpkgs">, options: CompileOptions): string {
  return printNix(packageSet(spec, options));
}
