/**
 * Opens untrusted files. Only regular files are opened, and a link at the path's end is not followed: opening a FIFO blocks,
 * opening a device can have effects, and a link can lead to private files.
 */
import { closeSync, constants, createReadStream, fstatSync, lstatSync, openSync, readSync, type Stats } from "node:fs";
import { Readable } from "node:stream";
import { EXIT, ImgcError } from "./errors.ts";

const FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
const PIECE = 1 << 20;
/** Up to this many bytes are read at once, since a stream of a file costs more than the bytes. */
const SMALL = 1 << 16;
/** Files up to this size may have any number of holes. */
const MAX_HOLES = 1 << 27;

/** The path is not a regular file, or the file is too large or consists of holes. The message names the path. */
class IrregularFile extends ImgcError {
  constructor(message: string) {
    super(EXIT.findings, message);
  }
}

export interface Part {
  offset?: number;
  size?: number;
}

/** Calls `use` with an open file. System errors, such as for a missing file, are thrown unchanged. */
function withRegular<T>(path: string | Buffer, use: (fd: number, stat: Stats) => T): T {
  const { fd, stat } = openRegular(path);
  try {
    return use(fd, stat);
  } finally {
    closeSync(fd);
  }
}

/** The caller closes the file. */
export function openRegular(path: string | Buffer): { fd: number; stat: Stats } {
  // Check before opening, since opening a device can have effects, and after, since the path may have changed meanwhile.
  requireRegular(path, lstatSync(path));
  const fd = openSync(path, FLAGS);
  try {
    const stat = fstatSync(fd);
    requireRegular(path, stat);
    return { fd, stat };
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

/** Opens a file that `lstat` showed to be regular, without blocking or following a link if the file was replaced since. */
export function openFound(path: string | Buffer): number {
  return openSync(path, FLAGS);
}

/** Reads a whole file; throws if the file has more than `limit` bytes. */
export function readRegular(path: string, limit: number): Buffer {
  return withRegular(path, (fd, { size }) => {
    if (size > limit) throw new IrregularFile(`${path} has ${size} bytes; at most ${limit} are read`);
    return readPart(fd, 0, size);
  });
}

/** Reads `size` bytes of a file from `offset` on; fewer if the file ends before. */
export function readRegularPart(path: string, offset: number, size: number): Buffer {
  return withRegular(path, (fd) => readPart(fd, offset, size));
}

/** Streams a file or a part of it. Throws at once if the file cannot be opened. */
export function streamRegular(path: string, { offset = 0, size }: Part = {}): Readable {
  if (size === 0) return Readable.from([]);
  const { fd, stat } = openRegular(path);
  if (isHollow(stat)) {
    closeSync(fd);
    throw new IrregularFile(`${path} has ${stat.size} bytes, nearly all of them holes`);
  }
  const left = Math.max(0, Math.min(size ?? Infinity, stat.size - offset));
  if (left <= SMALL) {
    try {
      return Readable.from([readPart(fd, offset, left)], { objectMode: false });
    } finally {
      closeSync(fd);
    }
  }
  const end = size === undefined ? {} : { end: offset + size - 1 };
  // Node allocates a whole piece for each read, also for a small file.
  const highWaterMark = Math.max(1, Math.min(PIECE, size ?? stat.size));
  return createReadStream(path, { fd, start: offset, ...end, highWaterMark });
}

/**
 * Whether a sparse file claims far more bytes than are on disk. Such files are rejected, since reading them takes too
 * long.
 */
function isHollow({ size, blocks }: Stats): boolean {
  return size > MAX_HOLES && size > 100 * 512 * blocks;
}

/** A file's kind, for messages. */
export function kindOf(stat: Stats): string {
  if (stat.isFile()) return "file";
  if (stat.isDirectory()) return "folder";
  if (stat.isSymbolicLink()) return "link";
  if (stat.isFIFO()) return "pipe";
  return stat.isSocket() ? "socket" : "device";
}

function requireRegular(path: string | Buffer, stat: Stats): void {
  if (!stat.isFile()) throw new IrregularFile(`${path.toString()} is a ${kindOf(stat)}, not a file`);
}

function readPart(fd: number, offset: number, size: number): Buffer {
  const bytes = Buffer.alloc(size);
  let filled = 0;
  for (let read = -1; read !== 0 && filled < size; filled += read) {
    read = readSync(fd, bytes, filled, size - filled, offset + filled);
  }
  return bytes.subarray(0, filled);
}
