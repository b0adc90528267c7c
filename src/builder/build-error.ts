/** Errors for users: findings, each with its place in the spec. */
import type { FindingPath } from "../diagnostics/finding.ts";
import { ImageError } from "../oci/image-error.ts";
import { EXIT, ImgcError } from "../util/errors.ts";

/** A finding's message, and the place in the image's block of the spec (src/diagnostics/finding.ts). */
export interface Located {
  at: FindingPath;
  message: string;
}

/** Findings in the user's input, each with its place in the spec. They are printed without a stack trace. */
export class BuildError extends ImgcError {
  readonly findings: readonly Located[];

  /** A string is one finding without a place. */
  constructor(findings: string | readonly Located[]) {
    const all = typeof findings === "string" ? [{ at: [], message: findings }] : findings;
    super(EXIT.findings, all.map(({ message }) => message).join("\n"));
    this.findings = all;
  }
}

/** Runs `make`, and gives the place `at` to those of its findings that have no place. */
export async function locatedAt<T>(at: FindingPath, make: () => Promise<T>): Promise<T> {
  try {
    return await make();
  } catch (error) {
    const message = error instanceof ImageError ? error.message : undefined;
    if (message !== undefined) throw new BuildError([{ at, message }]);
    if (!(error instanceof BuildError)) throw error;
    throw new BuildError(error.findings.map((each) => (each.at.length === 0 ? { ...each, at } : each)));
  }
}
