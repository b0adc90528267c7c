/** `imgc verify`. */
import { printable, printableJson, printableLine } from "../../util/printable.ts";
import { isImageDirectory } from "../../image/image-directory.ts";
import { verify as verifyImage } from "../../verify/verify.ts";
import { ToolError } from "../../util/run-tool.ts";
import { anywhere } from "../../app/find-image.ts";
import { bytes } from "../terminal/bytes.ts";
import { counted } from "../terminal/counted.ts";
import { EXIT, ImgcError } from "../../util/errors.ts";
import { onInterrupt } from "../terminal/signals.ts";
import { StatusLine } from "../terminal/status-line.ts";
import type { Report } from "../../verify/report.ts";

interface Options {
  json?: boolean;
  deep?: boolean;
  insecure?: boolean;
}

export async function verify(path: string, { json = false, deep = false, insecure = false }: Options): Promise<void> {
  const { trials, ...report } = await anywhere(path, { insecure, platform: "all" }, async (place) => {
    const read = await readable(place, deep);
    return place === path ? read : { ...read, form: "image of a registry" };
  });
  process.stdout.write(json ? `${printableJson(JSON.stringify(report, null, 2))}\n` : printable(words(path, report)));
  if (report.findings.length > 0) process.exitCode = EXIT.findings;
  if (trials.reproducible && !isImageDirectory(path)) {
    process.stderr.write("imgc: `expect reproducible` can be held against an image directory only\n");
  }
  if (trials.run.length > 0 && holdsSeveral(report)) {
    const count = report.digests.length;
    process.stderr.write(
      `imgc: \`expect run\` was not tried, since ${printableLine(path)} holds ${count} images; verify each image by itself\n`,
    );
  }
}

/** All that can be read of the image, then what must be tried. */
async function readable(path: string, deep: boolean): Promise<Report> {
  const status = new StatusLine(process.stderr);
  const onStep = (step: string) => status.show(step);
  try {
    const report = await verifyImage(path, { deep, onStep: (step) => onStep(`reading ${step}`) });
    // Whatever is damaged is not worth running.
    if (report.findings.length === 0 && !holdsSeveral(report))
      report.findings.push(...(await tried(path, report.trials, onStep)));
    return report;
  } finally {
    status.clear();
  }
}

async function tried(
  path: string,
  { reproducible, run }: Report["trials"],
  onStep: (step: string) => void,
): Promise<string[]> {
  const isBuilt = reproducible && isImageDirectory(path);
  if (run.length === 0 && !isBuilt) return [];
  const options = { onStep, signal: onInterrupt() };
  try {
    const found: string[] = [];
    if (run.length > 0) {
      const { runTrials } = await import("../../expect/run.ts");
      found.push(...(await runTrials(path, run, options)));
    }
    if (isBuilt) {
      const { checkReproducible } = await import("../../expect/reproducible.ts");
      found.push(...(await checkReproducible(path, options)));
    }
    return found;
  } catch (error) {
    if (!(error instanceof ToolError) || options.signal.aborted) throw error;
    throw new ImgcError(EXIT.environment, `${error.message}\n(what can be read of the image holds what it claims)`);
  }
}

/** A container is started of the one image that a file holds. */
function holdsSeveral({ digests }: Pick<Report, "digests">): boolean {
  return digests.length > 1;
}

function words(
  path: string,
  { form, digests, layers, paths, unhashed, size, findings }: Omit<Report, "trials">,
): string {
  if (findings.length > 0)
    return [...findings, `${printableLine(path)}: ${counted(findings.length, "finding")}`, ""].join("\n");
  const holds = [counted(layers, "layer"), counted(paths, "store path"), bytes(size)];
  const but =
    unhashed === 0
      ? ""
      : `\nof ${counted(unhashed, "store path")} no nar hash was taken: hard links, or an order that is not Nix's`;
  return `${printableLine(path)}: ${form} holds what it claims: ${holds.join(", ")}, ${digests.join(" ")}${but}\n`;
}
