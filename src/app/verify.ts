/** Verifies an image, including the expectations that need a container or a build. */
import { isImageDirectory } from "../image/image-directory.ts";
import { partsOf } from "../image/index-directory.ts";
import { EXIT, ImgcError } from "../util/errors.ts";
import { ToolError } from "../util/run-tool.ts";
import type { Report, VerifyOptions } from "../verify/report.ts";
import { verify } from "../verify/verify.ts";

interface ExpectationOptions extends VerifyOptions {
  /** Called before a container or a build starts. Returns a signal that stops the container or build. */
  signal: () => AbortSignal;
}

/** Checks the image without running it. If there is no finding, runs the containers and builds of its expectations. */
export async function verifyWithExpectations(path: string, options: ExpectationOptions): Promise<Report> {
  const { deep, onStep, onLayer } = options;
  const report = await verify(path, { deep, onLayer, onStep: (step) => onStep(`reading ${step}`) });
  // All forms of an image have the same files, so testing the first form is enough.
  const [tested = path] = partsOf(path);
  // Damaged images are not run.
  if (report.findings.length === 0 && !holdsSeveral(report))
    report.findings.push(...(await checkExpectations(tested, report.untested, options)));
  return report;
}

async function checkExpectations(
  path: string,
  { reproducible, run }: Report["untested"],
  { onStep, signal }: ExpectationOptions,
): Promise<string[]> {
  const isBuilt = reproducible && isImageDirectory(path);
  if (run.length === 0 && !isBuilt) return [];
  const options = { onStep, signal: signal() };
  try {
    const found: string[] = [];
    if (run.length > 0) {
      const { checkExpectedRuns } = await import("../expect/run.ts");
      found.push(...(await checkExpectedRuns(path, run, options)));
    }
    if (isBuilt) {
      const { checkReproducible } = await import("../expect/reproducible.ts");
      found.push(...(await checkReproducible(path, options)));
    }
    return found;
  } catch (error) {
    if (!(error instanceof ToolError) || options.signal.aborted) throw error;
    throw new ImgcError(
      EXIT.environment,
      `${error.message}\n(all digests match; only the expectations that need a run were not checked)`,
    );
  }
}

/** Containers can be started only if the file holds one image. */
export function holdsSeveral({ images }: Pick<Report, "images">): boolean {
  return images > 1;
}
