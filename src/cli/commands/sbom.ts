/** `imgc sbom`: an image's bill of materials. */
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { billOfMaterials, type BillFormat } from "../../app/bill-of-materials.ts";
import type { SpecOptions } from "../../app/compile.ts";
import { imageArgument } from "../../app/image-argument.ts";
import { endOnInterrupt, whileInterruptible } from "../terminal/signals.ts";
import { withStatus } from "../terminal/status-line.ts";
import { replaceText } from "../../util/text-files.ts";
import { quantity } from "../../util/quantities.ts";
import type { Coverage } from "../../sbom/materials.ts";
import { reporting } from "../terminal/reporter.ts";
import { writeAbove } from "../terminal/screen.ts";

export interface SbomCommandOptions extends SpecOptions {
  format: BillFormat;
  output?: string;
}

export async function sbom(path: string, options: SbomCommandOptions): Promise<void> {
  const { format, output } = options;
  const image = await whileInterruptible(
    async (signal) => await reporting(signal, async (context) => await imageArgument(path, options, context)),
  );
  using _ = endOnInterrupt();
  const { pieces, coverage } = await withStatus(async (onStep) => await billOfMaterials(image, format, onStep));
  if (output === undefined) await pipeline(Readable.from(pieces), process.stdout);
  else replaceText(output, pieces);
  writeAbove(process.stderr, `imgc: ${coverageText(coverage)}\n`);
}

/** The shares of store paths of which a scanner needs to know these facts. */
export function coverageText({ paths, version, license, source, cpe }: Coverage): string {
  if (paths === 0) return "no store paths";
  const share = (count: number) => `${count} (${Math.floor((100 * count) / paths)} %)`;
  return (
    `${quantity(paths, "store path")}: ${share(version)} with a version, ${share(license)} with a licence,\n` +
    `      ${share(source)} with a source URL, ${share(cpe)} with a CPE`
  );
}
