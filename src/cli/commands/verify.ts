/** `imgc verify`: checks an image and prints a report. */
import { printableJson, printableLine } from "../../util/printable.ts";
import { isImageDirectory } from "../../image/image-directory.ts";
import { holdsSeveral, verifyWithExpectations } from "../../app/verify.ts";
import { withImage } from "../../app/find-image.ts";
import { EXIT } from "../../util/errors.ts";
import { onInterrupt } from "../terminal/signals.ts";
import { StatusLine } from "../terminal/status-line.ts";
import { reportText } from "../terminal/report-text.ts";
import { layoutOf } from "../terminal/style.ts";
import { FETCHING } from "../terminal/reporter.ts";

interface Options {
  json?: boolean;
  deep?: boolean;
  insecure?: boolean;
}

export async function verify(path: string, { json = false, deep = false, insecure = false }: Options): Promise<void> {
  using status = new StatusLine(process.stderr, `fetching ${path}`);
  const { untested, ...report } = await withImage(path, { insecure, platform: "all", ...FETCHING }, async (place) => {
    const onStep = (step: string) => status.show(step);
    const read = await verifyWithExpectations(place, { deep, onStep, signal: onInterrupt });
    return place === path ? read : { ...read, form: "image of a registry" };
  });
  status[Symbol.dispose]();
  process.stdout.write(
    json ? `${printableJson(JSON.stringify(report, null, 2))}\n` : reportText(path, report, layoutOf(process.stdout)),
  );
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
