/** The file is not in the language of its kind, or describes no image. */
export class ImportError extends Error {}
