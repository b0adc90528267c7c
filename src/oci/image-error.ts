import { EXIT, ImgcError } from "../util/errors.ts";
import { printableLine } from "../util/printable.ts";

/** The image cannot be read; the message is for the user, on one line even with hostile names in it. */
export class ImageError extends ImgcError {
  constructor(message: string) {
    super(EXIT.findings, printableLine(message));
  }
}
