/** Opens the IMAGE argument of a command: an existing image, or an .imgspec file to build first. */
import { MACHINE_PLATFORM } from "../oci/machine-platform.ts";
import { platformText } from "../oci/platform.ts";
import type { ImageDirectory } from "../image/image-directory.ts";
import { buildSpec } from "./build.ts";
import type { SpecOptions } from "./compile.ts";
import { EXIT, ImgcError } from "../util/errors.ts";
import type { Context } from "./reporter.ts";
import { openImage } from "./open-image.ts";
import { isSpec } from "./spec-files.ts";

export async function imageArgument(path: string, options: SpecOptions, context: Context): Promise<ImageDirectory> {
  if (!isSpec(path)) return openImage(path);
  return forThisMachine(await specImages(path, options, context), path);
}

/**
 * Like `imageArgument`, for commands that take several images of a spec. Returns them in the order of `options.images`.
 */
export async function imageArguments(path: string, options: SpecOptions, context: Context): Promise<ImageDirectory[]> {
  if (!isSpec(path) || options.images === undefined) return [await imageArgument(path, options, context)];
  const images = await builtImages(path, options, context);
  return options.images.map((name) => {
    const named = images.filter(({ file }) => file.name === name);
    return forThisMachine(named, path);
  });
}

/** The image for this machine's platform. */
function forThisMachine(images: ImageDirectory[], path: string): ImageDirectory {
  const fitting =
    images.length === 1 ? images : images.filter(({ config }) => platformText(config) === MACHINE_PLATFORM);
  const [only] = fitting;
  if (only !== undefined) return only;
  throw new ImgcError(EXIT.usage, `${path} has no image for this machine's platform, ${MACHINE_PLATFORM}`);
}

async function builtImages(path: string, options: SpecOptions, context: Context): Promise<ImageDirectory[]> {
  const { images } = await buildSpec(path, { ...options, outLink: null }, context);
  return images.map(({ image }) => image);
}

/** Builds the only image of a spec, or the wanted one; returns an image for each platform. */
export async function specImages(path: string, options: SpecOptions, context: Context): Promise<ImageDirectory[]> {
  const images = await builtImages(path, options, context);
  const names = [...new Set(images.map(({ file }) => file.name))];
  if (names.length === 1) return images;
  throw new ImgcError(EXIT.usage, `the file has several images; choose one of ${names.join(", ")} with --image`);
}
