/** `imgc sbom`: an image's bill of materials. */
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { billOfMaterials, type BillFormat } from "../../app/bill-of-materials.ts";
import type { SpecOptions } from "../../app/compile.ts";
import { imageArgument } from "../../app/image-argument.ts";
import { whileInterruptible } from "../terminal/signals.ts";
import { replaceText } from "../../util/text-files.ts";
import { reporting } from "../terminal/reporter.ts";

export interface SbomCommandOptions extends SpecOptions {
  format: BillFormat;
  output?: string;
}

export async function sbom(path: string, options: SbomCommandOptions): Promise<void> {
  const { format, output } = options;
  const image = await whileInterruptible(
    async (signal) => await reporting(signal, async (context) => await imageArgument(path, options, context)),
  );
  const { pieces } = billOfMaterials(image, format);
  if (output === undefined) await pipeline(Readable.from(pieces), process.stdout);
  else replaceText(output, pieces);
}
