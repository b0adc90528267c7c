import { EXIT, ImgcError } from "../util/errors.ts";

/** The file is not in the language of its kind, or describes no image. */
export class ImportError extends ImgcError {
  constructor(message: string, options?: ErrorOptions) {
    super(EXIT.findings, message, options);
  }
}
