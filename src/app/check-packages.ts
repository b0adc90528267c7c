/** `imgc check --packages`: looks up every package that a file names, without the packages of imported files. */
import { diagnostic, type Diagnostic } from "../diagnostics/diagnostic.ts";
import type { CheckResult } from "../language/index.ts";
import { checkPackages } from "../packages/index.ts";
import { runTool, ToolError } from "../util/run-tool.ts";
import { EXIT, ImgcError } from "../util/errors.ts";
import { packageSetOf, type PackageLookupOptions } from "./package-set.ts";

/** The diagnostics of packages that the package set lacks. */
export async function unknownPackages(
  { root, nixpkgs, locate }: CheckResult,
  options: PackageLookupOptions,
): Promise<Diagnostic[]> {
  const packages = packageSetOf(root.source.path, nixpkgs, options);
  if (packages === undefined) {
    const remedy = `pin it with \`imgc lock ${root.source.path}\`, or pass --nixpkgs`;
    throw new ImgcError(
      EXIT.findings,
      `the package set of ${root.source.path} is a flake reference without a pin; ${remedy}`,
    );
  }
  // Repeat until every nested set is indexed that the file names.
  for (;;) {
    const { diagnostics, missing, wrong } = checkPackages(root, (inside) => packages.known(inside));
    // Before reporting an unknown name, renew the index if it may be out of date.
    if (missing.length === 0 && (diagnostics.length === 0 || !packages.renew(wrong))) return diagnostics;
    try {
      for (const inside of missing) await packages.names(inside);
    } catch (error) {
      if (!(error instanceof ToolError)) throw error;
      const isLookup = nixpkgs.place === null && options.nixpkgs === undefined;
      if (isLookup && !(await hasLookup())) return [diagnostic("no-package-set", locate(["nixpkgs"]), {})];
      throw error;
    }
  }
}

/** Whether Nix finds `<nixpkgs>`; true if Nix cannot be asked. */
async function hasLookup(): Promise<boolean> {
  const args = ["--eval", "-E", "(builtins.tryEval <nixpkgs>).success"];
  const found = await runTool("nix-instantiate", args).catch(() => "true");
  return found.trim() === "true";
}
