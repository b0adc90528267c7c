/** The image derivation: config, manifest and links to the layers' recipes, a few kilobytes for an image of any size. */
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { checksums } from "../../image/checksums.ts";
import { encodeImageFile } from "../../image/image-file.ts";
import { documents } from "../../image/image-directory.ts";
import { attributes } from "../attributes.ts";
import { phase, storeDir } from "../derivation.ts";
import { describeImage, ImageArguments } from "../describe-image.ts";

export function image(): void {
  const args = attributes(ImageArguments);
  const { out } = args;
  phase("writing the image");
  const { file, manifest, config, recipes } = describeImage(args);
  mkdirSync(join(out, "layers"), { recursive: true });
  writeFileSync(join(out, "config.json"), config);
  writeFileSync(join(out, "manifest.json"), manifest);
  writeFileSync(join(out, "image.json"), encodeImageFile(file));
  for (const [i, { path }] of recipes.entries()) {
    // Relative, so that the link also works in a store at another path.
    const target = `../../${path.slice(storeDir().length + 1)}`;
    symlinkSync(target, join(out, "layers", `${String(i).padStart(3, "0")}.json`));
  }
  writeFileSync(join(out, "SHA256SUMS"), checksums(out, documents(out)));
}
