/** What a command was given as IMAGE: an image that is there, or an .imgspec file to build first. */
import { platformName } from "../image/platform.ts";
import type { ImageDirectory } from "../image/read.ts";
import { buildSpec } from "./build-spec.ts";
import type { CompileFlags } from "./compile-file.ts";
import { EXIT, UserError } from "./exit.ts";
import { openImage } from "./open-image.ts";
import { OWN } from "./own-platform.ts";

export function isSpec(path: string): boolean {
  return path.endsWith(".imgspec");
}

export async function imageArgument(path: string, flags: CompileFlags, signal: AbortSignal): Promise<ImageDirectory> {
  if (!isSpec(path)) return openImage(path);
  const images = await specImages(path, flags, signal);
  // Of one for several platforms, this machine's.
  const fitting = images.length === 1 ? images : images.filter(({ config }) => platformName(config) === OWN);
  const [only] = fitting;
  if (only !== undefined) return only;
  throw new UserError(EXIT.usage, `${path} has no image for ${OWN}, which this machine is`);
}

/** The one image that a spec has, or that is wanted of it, built: for each platform. */
export async function specImages(path: string, flags: CompileFlags, signal: AbortSignal): Promise<ImageDirectory[]> {
  const { images } = await buildSpec(path, { ...flags, outLink: null, signal });
  const names = [...new Set(images.map(({ image }) => image.file.name))];
  if (names.length === 1) return images.map(({ image }) => image);
  throw new UserError(EXIT.usage, `which image is meant? Say one of ${names.join(", ")} with --image`);
}
