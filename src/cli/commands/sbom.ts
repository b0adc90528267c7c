/** `imgc sbom`: an image's bill of materials. */
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { ImageDirectory } from "../../image/image-directory.ts";
import { cyclonedx } from "../../sbom/cyclonedx.ts";
import { jsonPieces } from "../../sbom/json.ts";
import { materials, type Materials } from "../../sbom/materials.ts";
import { spdx } from "../../sbom/spdx.ts";
import type { SpecOptions } from "../../app/compile.ts";
import { EXIT, ImgcError } from "../../util/errors.ts";
import { imageArgument } from "../../app/image-argument.ts";
import { whileInterruptible } from "../terminal/signals.ts";
import { replaceText } from "../../util/text-files.ts";
import { reporting } from "../terminal/reporter.ts";

const FORMATS = {
  spdx: { make: spdx, mediaType: "application/spdx+json" },
  cyclonedx: { make: cyclonedx, mediaType: "application/vnd.cyclonedx+json" },
};
export type Format = keyof typeof FORMATS;

export interface SbomCommandOptions extends SpecOptions {
  format: Format;
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

/** The document as pieces of text, since the whole text of a large image needs more memory than all its parts. */
export function billOfMaterials(
  image: ImageDirectory,
  format: Format,
): { pieces: Generator<string>; mediaType: string } {
  const { make, mediaType } = FORMATS[format];
  return { pieces: jsonPieces(make(materialsOf(image))), mediaType };
}

/** A fetched digests file lacks the store paths of copied files. */
function materialsOf(image: ImageDirectory): Materials {
  try {
    return materials(image);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
    throw new ImgcError(
      EXIT.environment,
      `${error.message}; build the image on this machine first, with \`imgc build\``,
    );
  }
}
