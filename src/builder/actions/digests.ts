/**
 * The derivation of an image's documents as one file that refers to no store path. Its inputs are the `digests` outputs of the
 * layers.
 */
import { writeFileSync } from "node:fs";
import * as z from "zod/mini";
import { DigestsFile } from "../../image/digests-file.ts";
import { encodeMasked } from "../../store/masked-json.ts";
import { attributes } from "../attributes.ts";
import { phase } from "../derivation.ts";
import { describeImage, ImageArguments } from "../describe-image.ts";

export function digests(): void {
  const args = attributes(ImageArguments);
  phase("writing the digests");
  const { file, manifest, config, recipes } = describeImage(args);
  const digestsFile: DigestsFile = {
    imgcDigests: 3,
    image: file,
    manifest: manifest.toString(),
    config: config.toString(),
    layers: recipes.map(({ layer }) => layer),
  };
  writeFileSync(args.out, encodeMasked(z.encode(DigestsFile, digestsFile)));
}
