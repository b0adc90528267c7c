/** Files by name, whether they lie in a folder or in a tar archive. */
import {
  closeSync,
  createReadStream,
  createWriteStream,
  openSync,
  readdirSync,
  readSync,
  realpathSync,
  rmSync,
  statSync,
} from "node:fs";
import { join, posix } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { decompress, sniff } from "../layer/decompress.ts";
import { plainName, TarError, TarReader } from "../layer/read-tar.ts";
import { ownFolder } from "../temporary/own-folder.ts";
import { isOfMachine } from "./machine.ts";
import { ImageError, readBytes } from "./read.ts";

export interface Files {
  /** For messages: where a file is. */
  where(name: string): string;
  names(): string[];
  has(name: string): boolean;
  read(name: string): Buffer;
  /** The first bytes, at most so many. */
  start(name: string, bytes: number): Buffer;
  stream(name: string): Readable;
  /** The file of this machine that has its bytes, and where in it they are. */
  place(name: string): { file: string; offset: number; size: number };
  [Symbol.dispose](): void;
}

const PIECE = 1 << 20;
/** Documents are far smaller; what claims to be larger is none. */
const MAX_DOCUMENT = 1 << 28;

export function folderFiles(path: string): Files {
  const at = (name: string) => join(path, name);
  return {
    where: at,
    names: () => readdirSync(path, { recursive: true, encoding: "utf8" }).filter((name) => isFile(at(name))),
    has: (name) => isFile(at(name)),
    read: (name) => readBytes(at(name)),
    start: (name, bytes) => part(at(name), 0, bytes),
    stream: (name) => createReadStream(at(name), { highWaterMark: PIECE }),
    place: (name) => {
      if (!isFile(at(name))) throw new ImageError(`there is no ${at(name)}`);
      // A link may lead to a store path of its own.
      const file = realpathSync(at(name));
      return { file, offset: 0, size: statSync(file).size };
    },
    [Symbol.dispose]: () => {},
  };
}

/** Reads an archive once for what is in it. Of a compressed one a plain copy is kept while it is used. */
export async function archiveFiles(path: string): Promise<Files> {
  const algorithm = sniff(part(path, 0, 4));
  if (algorithm === "none") return await plainArchive(path, path, () => {});
  const folder = ownFolder("imgc-archive-");
  const remove = () => rmSync(folder, { recursive: true, force: true });
  try {
    const unpack = (pieces: AsyncIterable<Buffer>) => decompress(pieces, algorithm);
    await pipeline(createReadStream(path), unpack, createWriteStream(join(folder, "plain.tar")));
    return await plainArchive(path, join(folder, "plain.tar"), remove);
  } catch (error) {
    remove();
    throw unreadable(path, error);
  }
}

async function plainArchive(shown: string, path: string, dispose: () => void): Promise<Files> {
  const places = new Map<string, { start: number; size: number }>();
  const links = new Map<string, string>();
  const reader = new TarReader(
    ({ name, type, target, offset, size }) => {
      const plain = plainName(name);
      if (type !== "5" && (places.has(plain) || links.has(plain))) throw new TarError(`${plain} is there twice`);
      // docker writes a layer that several have once, and links to it.
      if (type === "2") links.set(plain, posix.join(posix.dirname(plain), target));
      else if (type === "1") links.set(plain, plainName(target));
      else if (type === "0") places.set(plain, { start: offset, size });
    },
    { strict: true },
  );
  try {
    for await (const piece of createReadStream(path, { highWaterMark: PIECE })) reader.push(piece as Buffer);
    reader.end();
  } catch (error) {
    throw unreadable(shown, error);
  }
  const where = (name: string) => `${name} in ${shown}`;
  const place = (name: string) => {
    const found = places.get(links.get(name) ?? name);
    if (found === undefined) throw new ImageError(`there is no ${where(name)}`);
    return found;
  };
  return {
    where,
    names: () => [...places.keys(), ...links.keys()],
    has: (name) => places.has(links.get(name) ?? name),
    read: (name) => {
      const { start, size } = place(name);
      if (size > MAX_DOCUMENT) throw new ImageError(`${where(name)} is too large to be a document`);
      return part(path, start, size);
    },
    start: (name, bytes) => {
      const { start, size } = place(name);
      return part(path, start, Math.min(size, bytes));
    },
    stream: (name) => {
      const { start, size } = place(name);
      if (size === 0) return Readable.from([]);
      return createReadStream(path, { start, end: start + size - 1, highWaterMark: PIECE });
    },
    place: (name) => {
      const { start, size } = place(name);
      return { file: path, offset: start, size };
    },
    [Symbol.dispose]: dispose,
  };
}

function part(path: string, start: number, size: number): Buffer {
  const bytes = Buffer.alloc(size);
  const fd = openSync(path, "r");
  try {
    return bytes.subarray(0, readSync(fd, bytes, 0, size, start));
  } finally {
    closeSync(fd);
  }
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

function unreadable(path: string, error: unknown): Error {
  if (isOfMachine(error)) return error;
  return new ImageError(`${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
}
