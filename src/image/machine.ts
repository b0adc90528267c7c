/** What a full disk, a limit or a broken device says is nothing about the image that was read or written. */
const CODES = new Set(["ENOSPC", "EDQUOT", "EFBIG", "EROFS", "EMFILE", "ENFILE", "EIO", "ENOMEM"]);

export function isOfMachine(error: unknown): error is Error {
  return error instanceof Error && "code" in error && CODES.has(String(error.code));
}
