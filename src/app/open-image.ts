/** Opens an image directory or digests file; for other files, the error names what was found. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { isDigestsFile, readDigests } from "../image/digests-file.ts";
import { isIndexDirectory, partsOf, readIndexDirectory } from "../image/index-directory.ts";
import { platformsOf } from "../image/index-entries.ts";
import { isImageDirectory, readImageDirectory, type ImageDirectory } from "../image/image-directory.ts";
import { printableLine } from "../util/printable.ts";
import { EXIT, ImgcError } from "../util/errors.ts";
import { statNamed } from "../util/named-path.ts";
import { refuseOtherThings } from "./no-image.ts";

/** Of an image in two forms, opens the first: both have the same files. */
export function openImage(path: string): ImageDirectory {
  if (isDigestsFile(path)) return readDigests(path);
  if (isIndexDirectory(path)) {
    const { parts, images } = readIndexDirectory(path);
    if (platformsOf(parts).length === 1) return images[0] as ImageDirectory;
  }
  requireImage(path);
  return readImageDirectory(path);
}

/** Opens the images of all platforms, in all forms. */
export function openImages(path: string): ImageDirectory[] {
  return partsOf(path).map(openImage);
}

/** Throws if `path` is not an image directory. */
export function requireImage(path: string): void {
  if (isImageDirectory(path)) return;
  refuseOtherThings(path);
  if (isIndexDirectory(path)) {
    throw new ImgcError(
      EXIT.usage,
      `${printableLine(path)} has several platforms; choose an image in ${join(path, "images")}`,
    );
  }
  if (existsSync(join(path, "oci-layout"))) {
    throw new ImgcError(
      EXIT.usage,
      `${printableLine(path)} is an OCI layout; this command needs an image directory, the output \`raw\``,
    );
  }
  const found =
    statNamed(path)?.isFile() === true
      ? "is a file, not an image directory"
      : "is not an image directory: it lacks image.json or layers";
  throw new ImgcError(
    EXIT.usage,
    `${printableLine(path)} ${found}; name the result of \`imgc build\`, or a description`,
  );
}
