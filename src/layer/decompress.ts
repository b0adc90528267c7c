/** Decompresses streams. Damaged or truncated input, and bytes after its end, are errors. */
import { createGunzip, createZstdDecompress, type Gunzip, type ZstdDecompress } from "node:zlib";
import type { Compression } from "./recipe.ts";

export type Algorithm = Compression["algorithm"];

/** The compression of a file, from its first four bytes. */
export function sniff(start: Buffer): Algorithm {
  const magic = start.toString("hex");
  // A zstd file may start with a skippable frame (RFC 8878, 3.1.2).
  if (magic === "28b52ffd" || /^5.2a4d18$/.test(magic)) return "zstd";
  return magic.startsWith("1f8b") ? "gzip" : "none";
}

/**
 * The compression of a layer from its first four bytes, as clients find it. Docker pulls layers with zstd, and pushes and saves
 * them with the media type of gzip. `described`: the compression that the media type names, which an empty file keeps.
 */
export function layerAlgorithm(start: Buffer, described: Algorithm): Algorithm {
  return start.length === 0 ? described : sniff(start);
}

/** A stream of more unpacked bytes than this, and of more than 100 times its packed bytes, is treated as a bomb. */
const MAX_UNPACKED = 1 << 27;
const MAX_GROWTH = 100;

/** Whether this many bytes are too many for the packed size. */
function isBomb(unpacked: number, packed: number): boolean {
  return unpacked > MAX_UNPACKED && unpacked > MAX_GROWTH * packed;
}

/** Counts the bytes of several streams, such as an image's layers, since many small bombs are as harmful as a large one. */
export class Growth {
  #packed = 0;
  #unpacked = 0;
  /** The error for a bomb, after which no stream is decompressed further. */
  #problem: Error | undefined;

  addPacked(bytes: number): void {
    this.#packed += bytes;
  }

  /** Throws if the total is too large. */
  addUnpacked(bytes: number): void {
    this.#unpacked += bytes;
    if (isBomb(this.#unpacked, this.#packed))
      this.#problem ??= new Error(
        `${this.#packed} bytes decompress to more than ${this.#unpacked}, too many for a real layer`,
      );
    if (this.#problem !== undefined) throw this.#problem;
  }
}

export async function* decompress(
  packed: AsyncIterable<Buffer>,
  algorithm: Algorithm,
  growth = new Growth(),
): AsyncGenerator<Buffer> {
  if (algorithm === "none") return yield* packed;
  async function* counted(): AsyncGenerator<Buffer> {
    for await (const piece of packed) {
      growth.addPacked(piece.length);
      yield piece;
    }
  }
  const create = algorithm === "gzip" ? createGunzip : createZstdDecompress;
  for await (const piece of members(counted(), create)) {
    growth.addUnpacked(piece.length);
    yield piece;
  }
}

/** Limits of the bytes in an output piece. Node allocates a whole piece for each member, also for a small one. */
const [MIN_OUTPUT, MAX_OUTPUT] = [1 << 14, 1 << 17];

/**
 * Decompresses all members of a gzip file, or all frames of a zstd file; some tools write a frame for each file of a layer.
 * Node.js itself reads only the first frame of zstd, and ignores zeros after the last member of gzip.
 */
async function* members(
  packed: AsyncIterable<Buffer>,
  create: (options: { chunkSize: number }) => Gunzip | ZstdDecompress,
): AsyncGenerator<Buffer> {
  const pieces = packed[Symbol.asyncIterator]();
  const next = async (): Promise<Buffer | undefined> => {
    const { done, value } = await pieces.next();
    return done === true ? undefined : value;
  };
  try {
    let rest = await next();
    while (rest !== undefined) {
      const engine = create({ chunkSize: Math.min(Math.max(MIN_OUTPUT, 4 * rest.length), MAX_OUTPUT) });
      const feeding = feed(engine, rest, next).catch((error: unknown) => {
        engine.destroy(error instanceof Error ? error : new Error(String(error)));
        return undefined;
      });
      for await (const piece of engine) yield piece as Buffer;
      rest = await feeding;
    }
  } finally {
    await pieces.return?.();
  }
}

/** Writes pieces to the engine until it reaches the end of a member; returns the unused rest of the last piece. */
async function feed(
  engine: Gunzip | ZstdDecompress,
  first: Buffer,
  next: () => Promise<Buffer | undefined>,
): Promise<Buffer | undefined> {
  let total = 0;
  for (let piece: Buffer | undefined = first; piece !== undefined; piece = await next()) {
    const bytes = piece;
    await new Promise<void>((resolve, reject) => {
      engine.write(bytes, (error) => (error ? reject(error) : resolve()));
    });
    total += bytes.length;
    const left = total - engine.bytesWritten;
    if (left > 0) return bytes.subarray(bytes.length - left);
  }
  engine.end();
  return undefined;
}
