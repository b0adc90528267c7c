/** Runs the action that the first argument names, and prints its errors. */
import { printFinding } from "../diagnostics/finding.ts";
import { BuildError, type Located } from "./build-error.ts";
import { imageName } from "./derivation.ts";
import { ImageError } from "../oci/image-error.ts";

export async function runAction(actions: Record<string, () => Promise<void> | void>): Promise<void> {
  try {
    const action = actions[process.argv[2] ?? ""];
    if (action === undefined) throw new BuildError(`no such action: ${process.argv[2]}`);
    await action();
  } catch (error) {
    process.stderr.write(`${errorText(error)}\n`);
    process.exitCode = 1;
  }
}

/** Findings in the user's input are printed as lines that imgc reads; other errors keep their stack for a bug report. */
function errorText(error: unknown): string {
  const findings = findingsOf(error);
  if (findings !== undefined) {
    const image = imageName();
    return findings.map((each) => printFinding({ image: each.at.length === 0 ? null : image, ...each })).join("\n");
  }
  return `internal error of imgc, please report it: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
}

function findingsOf(error: unknown): readonly Located[] | undefined {
  if (error instanceof BuildError) return error.findings;
  return error instanceof ImageError ? [{ at: [], message: error.message }] : undefined;
}
