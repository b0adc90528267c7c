/** `imgc compile`: the expression goes to standard output, diagnostics to standard error. */
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { compile as compileSpec } from "../compile/index.ts";
import { EXIT, UserError } from "./exit.ts";
import { checkFile } from "./read-spec.ts";
import { report } from "./report.ts";

export function compile(file: string, options: { image?: string; nixpkgs?: string }): void {
  const result = checkFile(file);
  process.stderr.write(report(result, process.stderr));
  if (result.spec === undefined) {
    process.exitCode = EXIT.findings;
    return;
  }
  const names = result.spec.images.map(({ name }) => name);
  if (options.image !== undefined && !names.includes(options.image)) {
    throw new UserError(EXIT.usage, `${file} has no image "${options.image}"; it has ${names.join(", ")}`);
  }
  const nixpkgs = options.nixpkgs === undefined ? undefined : resolve(options.nixpkgs);
  process.stdout.write(compileSpec(result.spec, { functions: functionsPath(), nixpkgs, image: options.image }));
}

/** The Nix functions of this installation: beside `dist` when bundled, at the top of the repository in development. */
function functionsPath(): string {
  for (const folder of [join(import.meta.dirname, "../nix"), join(import.meta.dirname, "../../nix")]) {
    if (existsSync(join(folder, "default.nix"))) return folder;
  }
  throw new UserError(EXIT.environment, "this installation of imgc has no nix/ folder");
}
