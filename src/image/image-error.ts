import { printableLine } from "../util/printable.ts";

/** The image cannot be read; the message is for the user, on one line even with hostile names in it. */
export class ImageError extends Error {
  constructor(message: string) {
    super(printableLine(message));
  }
}
