/** `imgc verify`: checks an image and prints a report. */
import { printable, printableJson, printableLine } from "../../util/printable.ts";
import { isImageDirectory } from "../../image/image-directory.ts";
import { holdsSeveral, verifyWithExpectations } from "../../app/verify.ts";
import { withImage } from "../../app/find-image.ts";
import { sizeText, quantity } from "../../util/quantities.ts";
import { EXIT } from "../../util/errors.ts";
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
    const read = await verified(place, deep);
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

async function verified(path: string, deep: boolean): Promise<Report> {
  using status = new StatusLine(process.stderr);
  return await verifyWithExpectations(path, { deep, onStep: (step) => status.show(step), signal: onInterrupt });
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
