/** `imgc sbom`: an image's bill of materials. */
import type { ImageDirectory } from "../image/read.ts";
import { cyclonedx } from "../sbom/cyclonedx.ts";
import { materials, type Materials } from "../sbom/materials.ts";
import { spdx } from "../sbom/spdx.ts";
import { EXIT, UserError } from "./exit.ts";
import { openImage } from "./open-image.ts";
import { replaceText } from "./text-files.ts";

const FORMATS = {
  spdx: { make: spdx, mediaType: "application/spdx+json" },
  cyclonedx: { make: cyclonedx, mediaType: "application/vnd.cyclonedx+json" },
};
export type Format = keyof typeof FORMATS;

export function sbom(path: string, options: { format: Format; output?: string }): void {
  const { bytes } = billOfMaterials(openImage(path), options.format);
  if (options.output === undefined) process.stdout.write(bytes);
  else replaceText(options.output, bytes.toString());
}

export function billOfMaterials(image: ImageDirectory, format: Format): { bytes: Buffer; mediaType: string } {
  const { make, mediaType } = FORMATS[format];
  return { bytes: Buffer.from(`${JSON.stringify(make(materialsOf(image)), null, 2)}\n`), mediaType };
}

/** An image that was fetched as digests alone lacks the files that are copied into it. */
function materialsOf(image: ImageDirectory): Materials {
  try {
    return materials(image);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
    throw new UserError(EXIT.environment, `${error.message}; build the image here first, with \`imgc build\``);
  }
}
