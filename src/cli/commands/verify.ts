/** `imgc verify`. */
import { printable, printableJson, printableLine } from "../../util/printable.ts";
import { isImageDirectory } from "../../image/image-directory.ts";
import { verify as verifyImage } from "../../verify/verify.ts";
import { ToolError } from "../../util/run-tool.ts";
import { withImage } from "../../app/find-image.ts";
import { sizeText, quantity } from "../../util/quantities.ts";
import { EXIT, ImgcError } from "../../util/errors.ts";
import { onInterrupt } from "../terminal/signals.ts";
import { StatusLine } from "../terminal/status-line.ts";
import type { Report } from "../../verify/report.ts";
import { FETCHING } from "../terminal/reporter.ts";

interface Options {
  json?: boolean;
  deep?: boolean;
  insecure?: boolean;
}

export async function verify(path: string, { json = false, deep = false, insecure = false }: Options): Promise<void> {
  const { untested, ...report } = await withImage(path, { insecure, platform: "all", ...FETCHING }, async (place) => {
    const read = await readable(place, deep);
    return place === path ? read : { ...read, form: "image of a registry" };
  });
  process.stdout.write(json ? `${printableJson(JSON.stringify(report, null, 2))}\n` : printable(words(path, report)));
  if (report.findings.length > 0) process.exitCode = EXIT.findings;
  if (untested.reproducible && !isImageDirectory(path)) {
    process.stderr.write("imgc: `expect reproducible` was not checked; it needs an image directory\n");
  }
  if (untested.run.length > 0 && holdsSeveral(report)) {
    const count = report.digests.length;
    process.stderr.write(
      `imgc: \`expect run\` was not checked because ${printableLine(path)} has ${count} images; verify each image alone\n`,
    );
  }
}

/** Checks the image without running it; if that finds nothing, runs the containers and builds of its expectations. */
async function readable(path: string, deep: boolean): Promise<Report> {
  using status = new StatusLine(process.stderr);
  const onStep = (step: string) => status.show(step);
  const report = await verifyImage(path, { deep, onStep: (step) => onStep(`reading ${step}`) });
  // Damaged images are not run.
  if (report.findings.length === 0 && !holdsSeveral(report))
    report.findings.push(...(await tried(path, report.untested, onStep)));
  return report;
}

async function tried(
  path: string,
  { reproducible, run }: Report["untested"],
  onStep: (step: string) => void,
): Promise<string[]> {
  const isBuilt = reproducible && isImageDirectory(path);
  if (run.length === 0 && !isBuilt) return [];
  const options = { onStep, signal: onInterrupt() };
  try {
    const found: string[] = [];
    if (run.length > 0) {
      const { checkExpectedRuns: runTrials } = await import("../../expect/run.ts");
      found.push(...(await runTrials(path, run, options)));
    }
    if (isBuilt) {
      const { checkReproducible } = await import("../../expect/reproducible.ts");
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
function holdsSeveral({ digests }: Pick<Report, "digests">): boolean {
  return digests.length > 1;
}

function words(
  path: string,
  { form, digests, layers, paths, unhashed, size, findings }: Omit<Report, "untested">,
): string {
  if (findings.length > 0)
    return [...findings, `${printableLine(path)}: ${quantity(findings.length, "finding")}`, ""].join("\n");
  const facts = [form, quantity(layers, "layer"), quantity(paths, "store path"), sizeText(size), digests.join(" ")];
  const note =
    unhashed === 0
      ? ""
      : `\n${quantity(unhashed, "store path")} without a NAR hash check: hard links, or an order that Nix does not use`;
  return `${printableLine(path)}: OK: all digests match (${facts.join(", ")})${note}\n`;
}
