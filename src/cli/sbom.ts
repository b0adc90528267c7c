/** `imgc sbom`: an image's bill of materials. */
import { renameSync, writeFileSync } from "node:fs";
import { cyclonedx } from "../sbom/cyclonedx.ts";
import { materials } from "../sbom/materials.ts";
import { spdx } from "../sbom/spdx.ts";
import { openImage } from "./open-image.ts";

const FORMATS = { spdx, cyclonedx };
export type Format = keyof typeof FORMATS;

export function sbom(path: string, options: { format: Format; output?: string }): void {
  const document = FORMATS[options.format](materials(openImage(path)));
  const text = `${JSON.stringify(document, null, 2)}\n`;
  if (options.output === undefined) process.stdout.write(text);
  else {
    writeFileSync(`${options.output}.new`, text);
    renameSync(`${options.output}.new`, options.output);
  }
}
