import { EXIT, ImgcError } from "../util/errors.ts";

/** The file cannot be read as a file of its kind, or it describes no image. */
export class ImportError extends ImgcError {
  constructor(message: string, options?: ErrorOptions) {
    super(EXIT.findings, message, options);
  }
}
