/** `imgc verify`: checks an image and prints a report. */
import { printableJson, printableLine } from "../../util/printable.ts";
import { isImageDirectory } from "../../image/image-directory.ts";
import { partsOf } from "../../image/index-directory.ts";
import { holdsSeveral, verifyWithExpectations } from "../../app/verify.ts";
import { refuseOtherThings } from "../../app/no-image.ts";
import { withImage } from "../../app/find-image.ts";
import { checkSignature } from "../../app/verify-signature.ts";
import type { Report } from "../../verify/report.ts";
import { EXIT, ImgcError } from "../../util/errors.ts";
import { statNamed } from "../../util/named-path.ts";
import { endOnInterrupt, onInterrupt } from "../terminal/signals.ts";
import { StatusLine } from "../terminal/status-line.ts";
import { unnamedByAll, type LayerPaths } from "../../provenance/named-paths.ts";
import { reportText, type VerifyReport } from "../terminal/report-text.ts";
import { layoutOf } from "../terminal/style.ts";
import { FETCHING } from "../terminal/reporter.ts";

export interface VerifyCommandOptions {
  json?: boolean;
  deep?: boolean;
  insecure?: boolean;
  key?: string;
  provenance?: boolean;
}

export async function verify(path: string, options: VerifyCommandOptions): Promise<void> {
  const { json = false, deep = false, insecure = false, provenance = false, key } = options;
  if (provenance && key === undefined)
    throw new ImgcError(EXIT.usage, "--provenance needs --key with the public key that signed the provenance");
  if (statNamed(path) !== undefined) refuseOtherThings(path, "verify");
  using status = new StatusLine(process.stderr, `fetching ${path}`);
  const fetching = { insecure, platform: "all", ...FETCHING };
  const signed = key === undefined ? undefined : await checkSignature(path, key, { ...fetching, provenance });
  const layers: LayerPaths[] = [];
  const { untested, ...found } =
    signed?.finding === undefined
      ? await withImage(signed?.exact ?? path, fetching, async (place) => {
          const onStep = (step: string) => status.show(step);
          const onLayer = (layer: LayerPaths) => layers.push(layer);
          using ending = endOnInterrupt();
          const signal = () => {
            // From here on, a container or a build may run. These need time to stop.
            ending[Symbol.dispose]();
            return onInterrupt();
          };
          const read = await verifyWithExpectations(place, { deep, onStep, onLayer, signal });
          return place === path ? read : { ...read, form: "image of a registry" };
        })
      : unsigned(signed.digest, signed.finding);
  const report: VerifyReport = signed === undefined ? found : { ...found, signature: signed.proof };
  if (provenance && signed?.finding === undefined) {
    report.findings.push(...unnamedByAll(signed?.provenances ?? [], layers));
    report.provenance = {
      layers: layers.length,
      paths: layers.reduce((sum, { storePaths }) => sum + storePaths.size, 0),
    };
  }
  status[Symbol.dispose]();
  process.stdout.write(
    json ? `${printableJson(JSON.stringify(report, null, 2))}\n` : reportText(path, report, layoutOf(process.stdout)),
  );
  if (report.findings.length > 0) process.exitCode = EXIT.findings;
  if (untested.reproducible && !partsOf(path).every(isImageDirectory)) {
    process.stderr.write("imgc: `expect reproducible` was not checked; it needs an image directory\n");
  }
  if (untested.run.length > 0 && holdsSeveral(report)) {
    process.stderr.write(
      `imgc: \`expect run\` was not checked because ${printableLine(path)} has ${report.images} images; verify each image alone\n`,
    );
  }
}

/** The report of an image of which only the signature was checked. */
function unsigned(digest: string, finding: string): Report {
  const untested = { reproducible: false, run: [] };
  const nothing = { layers: 0, paths: 0, unhashed: 0, size: 0, untested };
  return {
    form: "image of a registry, not fetched",
    digests: [digest],
    names: [""],
    notes: [],
    images: 1,
    findings: [finding],
    ...nothing,
  };
}
