/** `imgc check --packages`: looks up every package that a file itself names. */
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { CheckResult } from "../language/index.ts";
import { checkPackages } from "../packages/index.ts";
import { ToolError } from "../tool/run.ts";
import { EXIT, UserError } from "./exit.ts";
import { packageSetOf } from "./package-set.ts";

export async function unknownPackages({ root, nixpkgs }: CheckResult): Promise<Diagnostic[]> {
  const packages = packageSetOf(root.source.path, nixpkgs);
  if (packages === undefined) {
    const remedy = `\`imgc lock ${root.source.path}\` pins it`;
    throw new UserError(EXIT.findings, `the package set is a flake reference that is not pinned; ${remedy}`);
  }
  // Sets are looked into one inside the other, as deep as the file names packages.
  for (;;) {
    const { diagnostics, missing } = checkPackages(root, (inside) => packages.known(inside));
    // Before a name is called unknown, what may be out of date is asked for anew.
    if (missing.length === 0 && (diagnostics.length === 0 || !packages.renew())) return diagnostics;
    for (const inside of missing) await packages.names(inside).catch(explain);
  }
}

function explain(error: unknown): never {
  throw error instanceof ToolError ? new UserError(EXIT.environment, error.message) : error;
}
