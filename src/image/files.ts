/** Reads files by name from a folder or a tar archive. */
import { closeSync, lstatSync, readSync, realpathSync, rmSync } from "node:fs";
import { join, posix } from "node:path";
import type { Readable } from "node:stream";
import { decompress, sniff } from "../layer/decompress.ts";
import { plainName, TarError, TarReader } from "../layer/read-tar.ts";
import { ownFolder } from "../util/temporary.ts";
import { openRegular, readRegularPart, streamRegular } from "../util/regular-file.ts";
import { writeToFile } from "../util/write-to-file.ts";
import { ImageError } from "../oci/image-error.ts";
import { ImageFolder } from "./image-folder.ts";
import { readBytes } from "./image-directory.ts";
import { MAX_DOCUMENT } from "../oci/documents.ts";
import { isOfMachine, messageOf } from "../util/errors.ts";

export interface Files {
  /** The place of a file, for messages. */
  where(name: string): string;
  names(): string[];
  has(name: string): boolean;
  /** Reads a document of at most `limit` bytes; by default, the limit of a manifest. */
  read(name: string, limit?: number): Buffer;
  /** The first bytes of a file, at most `bytes`. */
  start(name: string, bytes: number): Buffer;
  stream(name: string): Readable;
  /** The file on this machine that holds the content, and the content's range of bytes in this file. */
  place(name: string): { file: string; offset: number; size: number };
  [Symbol.dispose](): void;
}

/** Limit of files in an archive. */
const MAX_FILES = 200_000;
/** The number of bytes in each read while searching an archive for headers. */
const HEADERS = 1 << 16;

/** `title`: the folder's name in messages. */
export function folderFiles(path: string, title = path): Files {
  const folder = new ImageFolder(path, title);
  return {
    where: (name) => folder.where(name),
    names: () => folder.names(),
    has: (name) => folder.has(name),
    read: (name, limit = MAX_DOCUMENT) => readBytes(folder.file(name), limit, folder.where(name)),
    start: (name, bytes) => readRegularPart(folder.file(name), 0, bytes),
    stream: (name) => streamRegular(folder.file(name)),
    place: (name) => {
      const file = folder.file(name);
      return { file, offset: 0, size: lstatSync(file).size };
    },
    [Symbol.dispose]: () => {},
  };
}

/**
 * Reads the headers of an archive once. A compressed archive is first unpacked to a temporary copy. `title`: the archive's name
 * in messages.
 */
export async function archiveFiles(path: string, title = path): Promise<Files> {
  // The user names the archive, so links are followed.
  const real = orUnreadable(title, () => realpathSync(path));
  const algorithm = sniff(orUnreadable(title, () => readRegularPart(real, 0, 4)));
  if (algorithm === "none") return plainArchive(title, real, () => {});
  const folder = ownFolder("imgc-archive-");
  const remove = () => rmSync(folder, { recursive: true, force: true });
  try {
    await writeToFile(decompress(streamRegular(real), algorithm), join(folder, "plain.tar"));
    return plainArchive(title, join(folder, "plain.tar"), remove);
  } catch (error) {
    remove();
    throw unreadable(title, error);
  }
}

function plainArchive(title: string, path: string, dispose: () => void): Files {
  const places = new Map<string, { start: number; size: number }>();
  const links = new Map<string, string>();
  let isTar = false;
  const reader = new TarReader(
    ({ name, type, target, offset, size }) => {
      isTar = true;
      const plain = plainName(name);
      if (type !== "5" && (places.has(plain) || links.has(plain))) throw new TarError(`it contains ${plain} twice`);
      if (places.size + links.size >= MAX_FILES) throw new TarError(`it has more than ${MAX_FILES} files`);
      // If several images have the same layer, docker writes one file, and links to it.
      if (type === "2") links.set(plain, posix.join(posix.dirname(plain), target));
      else if (type === "1") links.set(plain, plainName(target));
      else if (type === "0") places.set(plain, { start: offset, size });
    },
    { strict: true },
  );
  try {
    readHeaders(path, reader);
  } catch (error) {
    throw isTar || isOfMachine(error)
      ? unreadable(title, error)
      : new ImageError(`${title} is not an image: it is neither a folder nor a tar archive`);
  }
  const where = (name: string) => `${name} in ${title}`;
  const place = (name: string) => {
    const found = places.get(links.get(name) ?? name);
    if (found === undefined) throw new ImageError(`there is no ${where(name)}`);
    return found;
  };
  return {
    where,
    names: () => [...places.keys(), ...links.keys()],
    has: (name) => places.has(links.get(name) ?? name),
    read: (name, limit = MAX_DOCUMENT) => {
      const { start, size } = place(name);
      if (size > limit) throw new ImageError(`${where(name)} has ${size} bytes, more than the limit of ${limit}`);
      return readRegularPart(path, start, size);
    },
    start: (name, bytes) => {
      const { start, size } = place(name);
      return readRegularPart(path, start, Math.min(size, bytes));
    },
    stream: (name) => {
      const { start, size } = place(name);
      return streamRegular(path, { offset: start, size });
    },
    place: (name) => {
      const { start, size } = place(name);
      return { file: path, offset: start, size };
    },
    [Symbol.dispose]: dispose,
  };
}

/** Reads the headers of an archive and skips the contents. */
function readHeaders(path: string, reader: TarReader): void {
  const { fd, stat } = openRegular(path);
  const piece = Buffer.alloc(HEADERS);
  try {
    for (let at = 0; at < stat.size;) {
      const read = readSync(fd, piece, 0, piece.length, at);
      if (read === 0) break;
      reader.push(piece.subarray(0, read));
      at += read + reader.skip(stat.size - at - read);
    }
    reader.end();
  } finally {
    closeSync(fd);
  }
}

function orUnreadable<T>(title: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw unreadable(title, error);
  }
}

function unreadable(title: string, error: unknown): Error {
  if (isOfMachine(error)) return error;
  return new ImageError(`${title} cannot be read: ${messageOf(error)}`);
}
