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
    const reason = "its package set is a flake reference, whose names cannot be looked up; leave out --packages";
    throw new UserError(EXIT.environment, `${root.source.path}: ${reason}`);
  }
  // Sets are looked into one inside the other, as deep as the file names packages.
  for (;;) {
    const { diagnostics, missing } = checkPackages(root, (inside) => packages.known(inside));
    if (missing.length === 0) return diagnostics;
    for (const inside of missing) await packages.names(inside).catch(explain);
  }
}

function explain(error: unknown): never {
  throw error instanceof ToolError ? new UserError(EXIT.environment, error.message) : error;
}
