import { printableLine } from "../util/printable.ts";

/** The image cannot be read at all; the message is for the user, on one line whatever names are in it. */
export class ImageError extends Error {
  constructor(message: string) {
    super(printableLine(message));
  }
}
