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
  const { images } = await buildSpec(path, { ...flags, outLink: null, signal });
  const names = [...new Set(images.map(({ image }) => image.file.name))];
  // Of one for several platforms, this machine's.
  const fitting = images.length === 1 ? images : images.filter(({ image }) => platformName(image.config) === OWN);
  const [only] = fitting;
  if (only !== undefined && names.length === 1) return only.image;
  if (names.length === 1) throw new UserError(EXIT.usage, `${path} has no image for ${OWN}, which this machine is`);
  throw new UserError(EXIT.usage, `which image is meant? Say one of ${names.join(", ")} with --image`);
}
