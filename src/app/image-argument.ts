/** Opens the IMAGE argument of a command: an existing image, or an .imgspec file to build first. */
import { MACHINE_PLATFORM } from "../oci/machine-platform.ts";
import { platformText } from "../oci/platform.ts";
import type { ImageDirectory } from "../image/image-directory.ts";
import { buildSpec, type BuildOptions } from "./build.ts";
import type { SpecOptions } from "./compile.ts";
import { EXIT, ImgcError } from "../util/errors.ts";
import { printableLine } from "../util/printable.ts";
import type { Context } from "./reporter.ts";
import { openImages } from "./open-image.ts";
import { isSpec } from "./spec-files.ts";

/** Of an image in two forms, returns the first. */
export async function imageArgument(path: string, options: SpecOptions, context: Context): Promise<ImageDirectory> {
  const [first] = (await formsArgument(path, options, context)) as [ImageDirectory];
  return first;
}

/** The forms of the image for the wanted platform, or else for this machine's platform. */
export async function formsArgument(path: string, options: SpecOptions, context: Context): Promise<ImageDirectory[]> {
  if (isSpec(path)) return forThisMachine(await specImages(path, options, context), path, context);
  const images = openImages(path);
  const { platform } = options;
  if (platform === undefined) return forThisMachine(images, path, context);
  const wanted = images.filter(({ config }) => platformText(config) === platform);
  if (wanted.length > 0) return wanted;
  const present = [...new Set(images.map(({ config }) => platformText(config)))].join(", ");
  throw new ImgcError(EXIT.usage, `${printableLine(path)} has no image for ${platform}, only for ${present}`);
}

/**
 * Like `formsArgument`, for commands that take several images of a spec. Returns them in the order of `options.images`.
 */
export async function imageArguments(
  path: string,
  options: SpecOptions,
  context: Context,
): Promise<ImageDirectory[][]> {
  if (!isSpec(path) || options.images === undefined) return [await formsArgument(path, options, context)];
  const images = await builtImages(path, options, context);
  return options.images.map((name) => {
    const named = images.filter(({ file }) => file.name === name);
    return forThisMachine(named, path, context);
  });
}

/** The forms of the image for this machine's platform. Notes the choice if there are several platforms. */
function forThisMachine(images: ImageDirectory[], path: string, { reporter }: Context): ImageDirectory[] {
  const isSingle = new Set(images.map(({ config }) => platformText(config))).size === 1;
  if (isSingle) return images;
  const fitting = images.filter(({ config }) => platformText(config) === MACHINE_PLATFORM);
  if (fitting.length === 0)
    throw new ImgcError(EXIT.usage, `${path} has no image for this machine's platform, ${MACHINE_PLATFORM}`);
  reporter.line(`using the image for ${MACHINE_PLATFORM}, the platform of this machine`);
  return fitting;
}

async function builtImages(
  path: string,
  options: Omit<BuildOptions, "outLink">,
  context: Context,
): Promise<ImageDirectory[]> {
  const { images } = await buildSpec(path, { ...options, outLink: null }, context);
  return images.map(({ image }) => image);
}

/** Builds the only image of a spec, or the wanted one; returns an image for each platform and form. */
export async function specImages(path: string, options: SpecOptions, context: Context): Promise<ImageDirectory[]> {
  return await builtImages(path, { ...options, isSingle: true }, context);
}
