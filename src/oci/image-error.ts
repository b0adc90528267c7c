/** The error for images that cannot be read. */
import { EXIT, ImgcError } from "../util/errors.ts";
import { printableLine } from "../util/printable.ts";

/** The image cannot be read. The message is for users, and is one printable line even with hostile names in it. */
export class ImageError extends ImgcError {
  constructor(message: string) {
    super(EXIT.findings, printableLine(message));
  }
}
