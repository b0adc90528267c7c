/** What a command was given as IMAGE: an image that is there, or an .imgspec file to build first. */
import type { ImageDirectory } from "../image/read.ts";
import { buildSpec } from "./build-spec.ts";
import type { CompileFlags } from "./compile-file.ts";
import { EXIT, UserError } from "./exit.ts";
import { openImage } from "./open-image.ts";

export function isSpec(path: string): boolean {
  return path.endsWith(".imgspec");
}

export async function imageArgument(path: string, flags: CompileFlags, signal: AbortSignal): Promise<ImageDirectory> {
  if (!isSpec(path)) return openImage(path);
  const { images } = await buildSpec(path, { ...flags, outLink: null, signal });
  const [only, ...others] = images;
  if (only !== undefined && others.length === 0) return only.image;
  const names = images.map(({ image }) => image.file.name).join(", ");
  throw new UserError(EXIT.usage, `which image is meant? Say one of ${names} with --image`);
}
