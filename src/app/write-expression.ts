/** `imgc compile` with a target: writes the expression into a file, or into a flake. */
import { basename, dirname, relative, resolve } from "node:path";
import manifest from "../../package.json" with { type: "json" };
import { cachePolicies } from "../cache/policy.ts";
import { compileFlake, compilePortable } from "../compile/index.ts";
import { replaceText } from "../util/text-files.ts";
import { wantedImages, type Compiled, type SpecOptions } from "./compile.ts";
import { writeFlake } from "./flake.ts";
import { flakeCaches, flakeNotes } from "./flake-caches.ts";

/** Writes a flake with all its inputs; returns notes for the user. */
export function writeAsFlake(compiled: Compiled, options: SpecOptions, folder: string): string[] {
  const { spec, options: compileOptions } = compiled;
  const policies = cachePolicies(spec, compileOptions.directory, wantedImages(options));
  writeFlake(compileFlake(spec, compileOptions, flakeCaches(policies)), folder);
  return flakeNotes(policies);
}

/**
 * Writes a file that can be committed: paths are relative, and imgc is looked up as `<imgc>`. Returns notes for the user
 * on paths that stay absolute. `file`: the spec.
 */
export function writePortable({ spec, options }: Compiled, file: string, output: string): string[] {
  const directory = dirname(resolve(output));
  const { text, outside } = compilePortable(spec, options, {
    directory,
    name: basename(output),
    spec: relative(directory, resolve(file)),
    version: manifest.version,
  });
  replaceText(output, text);
  return outside.map((path) => `${output} has the absolute path ${path}, which other machines may lack`);
}
