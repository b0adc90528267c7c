/** Opens the image that a command was given, as its directory or its digests file, or says what else it is. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { isDigestsFile, readDigests } from "../image/digests-file.ts";
import { isIndexDirectory, partsOf } from "../image/index-directory.ts";
import { isImageDirectory, readImageDirectory, type ImageDirectory } from "../image/image-directory.ts";
import { printableLine } from "../util/printable.ts";
import { EXIT, ImgcError } from "../util/errors.ts";

export function openImage(path: string): ImageDirectory {
  if (isDigestsFile(path)) return readDigests(path);
  requireImage(path);
  return readImageDirectory(path);
}

/** The images of one for several platforms, or the one. */
export function openImages(path: string): ImageDirectory[] {
  return partsOf(path).map(openImage);
}

/** Ends the command where `path` is not an image directory at all. */
export function requireImage(path: string): void {
  if (isImageDirectory(path)) return;
  if (!existsSync(path)) throw new ImgcError(EXIT.usage, `there is no ${printableLine(path)}; build the image first`);
  if (isIndexDirectory(path)) {
    throw new ImgcError(
      EXIT.findings,
      `${printableLine(path)} is for several platforms; this wants one of ${join(path, "images")}`,
    );
  }
  if (existsSync(join(path, "oci-layout"))) {
    throw new ImgcError(
      EXIT.findings,
      `${printableLine(path)} is an OCI layout, which has its layers in it; this wants the output \`raw\``,
    );
  }
  throw new ImgcError(EXIT.findings, `${printableLine(path)} is no image directory: it has no image.json and layers`);
}
