/** The image cannot be read at all; the message is for the user. */
export class ImageError extends Error {}
