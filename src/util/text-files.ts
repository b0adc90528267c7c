/** Reads, creates and replaces text files. */
import {
  accessSync,
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  linkSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  type Stats,
} from "node:fs";
import { missingText, statNamed } from "./named-path.ts";
import { printableLine } from "./printable.ts";
import { ownBeside } from "./temporary.ts";
import { EXIT, ImgcError, messageOf } from "./errors.ts";

/**
 * Reads a text file. Throws if the file is not UTF-8, since writing its text back would change bytes. `exitCode`: the exit
 * code if the file cannot be read.
 */
export function readText(path: string, exitCode: number = EXIT.usage): string {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    throw new ImgcError(exitCode, `cannot read ${printableLine(path)}: ${printableLine(messageOf(error))}`);
  }
  return decode(bytes, path);
}

/** The text of a description. Bytes that are not UTF-8 become U+FFFD, which the checker reports. */
export function readSource(path: string): string {
  if (statNamed(path) === undefined) throw new ImgcError(EXIT.usage, missingText(path));
  try {
    return decodeSource(readFileSync(path));
  } catch (error) {
    throw new ImgcError(EXIT.usage, `cannot read ${printableLine(path)}: ${printableLine(messageOf(error))}`);
  }
}

export function decodeSource(bytes: Uint8Array): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
}

/** Decodes UTF-8. `name`: the file's name in messages. */
function decode(bytes: Uint8Array, name: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new ImgcError(EXIT.usage, `${printableLine(name)} is not UTF-8 text`);
  }
}

/** Creates a file in one step; throws if it already exists. */
export function createText(path: string, text: string): void {
  try {
    const beside = ownBeside(path);
    try {
      writeFileSync(beside, text, { flush: true });
      linkSync(beside, path);
    } finally {
      rmSync(beside, { force: true });
    }
  } catch (error) {
    throw new ImgcError(EXIT.environment, `cannot write ${printableLine(path)}: ${printableLine(messageOf(error))}`);
  }
}

/**
 * Replaces a file in one step: writes the text under a temporary name with the file's owner and mode, then renames it.
 * Follows symbolic links. Writes into the existing file if it has several hard links, or if a new file cannot get its
 * owner. Writes directly to devices and pipes.
 */
export function replaceText(path: string, text: string | Generator<string>): void {
  const pieces = typeof text === "string" ? [text] : text;
  try {
    const before = statSync(path, { throwIfNoEntry: false });
    if (before === undefined) return writeBeside(path, pieces, () => {});
    if (!before.isFile()) return write(path, "w", pieces);
    requireWritable(path, before);
    const target = realpathSync(path);
    if (before.nlink > 1 || !mayOwn(before)) return write(target, "r+", pieces);
    writeBeside(target, pieces, (fd) => {
      const { uid, gid } = fstatSync(fd);
      if (uid !== before.uid || gid !== before.gid) fchownSync(fd, before.uid, before.gid);
      fchmodSync(fd, before.mode);
    });
  } catch (error) {
    throw new ImgcError(EXIT.environment, `cannot write ${printableLine(path)}: ${printableLine(messageOf(error))}`);
  }
}

/** Throws for a read-only file. Without this check, root could write it, and a rename would replace it. */
function requireWritable(path: string, { mode }: Stats): void {
  if ((mode & 0o222) === 0) throw new Error("it is read-only; `chmod u+w` it first");
  accessSync(path, constants.W_OK);
}

/** Whether this process may create files with this owner and group. */
function mayOwn({ uid, gid }: Stats): boolean {
  const [user, groups] = [process.geteuid?.(), process.getgroups?.() ?? []];
  return user === 0 || (user === uid && (gid === process.getegid?.() || groups.includes(gid)));
}

function writeBeside(target: string, pieces: Iterable<string>, settle: (fd: number) => void): void {
  const beside = ownBeside(target);
  try {
    write(beside, "w", pieces, (fd) => {
      settle(fd);
      fsyncSync(fd);
    });
    renameSync(beside, target);
  } finally {
    rmSync(beside, { force: true });
  }
}

function write(
  path: string,
  flags: "w" | "r+",
  pieces: Iterable<string>,
  settle: (fd: number) => void = () => {},
): void {
  const fd = openSync(path, flags);
  try {
    let size = 0;
    for (const piece of pieces) {
      writeFileSync(fd, piece);
      size += Buffer.byteLength(piece);
    }
    if (flags === "r+") ftruncateSync(fd, size);
    settle(fd);
  } finally {
    closeSync(fd);
  }
}
