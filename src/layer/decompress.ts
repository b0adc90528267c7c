/** Undoes a compression as the bytes pass by; what is damaged, cut or followed by something else is an error. */
import { createGunzip, createZstdDecompress, type Gunzip, type ZstdDecompress } from "node:zlib";
import type { Compression } from "./recipe.ts";

export type Algorithm = Compression["algorithm"];

/** By a file's first four bytes. */
export function sniff(start: Buffer): Algorithm {
  const magic = start.toString("hex");
  // A zstd file may start with a frame that is to be skipped (RFC 8878, 3.1.2).
  if (magic === "28b52ffd" || /^5.2a4d18$/.test(magic)) return "zstd";
  return magic.startsWith("1f8b") ? "gzip" : "none";
}

/** A stream of more unpacked bytes than this, and of more than 100 times its packed bytes, is treated as a bomb. */
const MAX_UNPACKED = 1 << 28;
const MAX_GROWTH = 100;

/** Whether this many bytes are too many for the packed size. */
export function isBomb(unpacked: number, packed: number): boolean {
  return unpacked > MAX_UNPACKED && unpacked > MAX_GROWTH * packed;
}

export async function* decompress(packed: AsyncIterable<Buffer>, algorithm: Algorithm): AsyncGenerator<Buffer> {
  if (algorithm === "none") return yield* packed;
  let [before, after] = [0, 0];
  async function* counted(): AsyncGenerator<Buffer> {
    for await (const piece of packed) {
      before += piece.length;
      yield piece;
    }
  }
  const create =
    algorithm === "gzip"
      ? () => createGunzip({ chunkSize: OUTPUT })
      : () => createZstdDecompress({ chunkSize: OUTPUT });
  for await (const piece of members(counted(), create)) {
    after += piece.length;
    if (isBomb(after, before))
      throw new Error(`${before} bytes unpack to more than ${after}; no layer is packed like that`);
    yield piece;
  }
}

/** Bytes that are handed on at once, at most. */
const OUTPUT = 1 << 17;

/**
 * A compressed file may be several, one behind the other; zstd's are called frames, and some tools write one for each file
 * of a layer. Node.js reads all members of gzip, but ignores zeros behind them; of zstd it reads the first frame.
 */
async function* members(packed: AsyncIterable<Buffer>, create: () => Gunzip | ZstdDecompress): AsyncGenerator<Buffer> {
  const pieces = packed[Symbol.asyncIterator]();
  const next = async (): Promise<Buffer | undefined> => {
    const { done, value } = await pieces.next();
    return done === true ? undefined : value;
  };
  try {
    let rest = await next();
    while (rest !== undefined) {
      const engine = create();
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

/** Gives it pieces up to its end, and gives back what is left of the last one. */
async function feed(
  engine: Gunzip | ZstdDecompress,
  first: Buffer,
  next: () => Promise<Buffer | undefined>,
): Promise<Buffer | undefined> {
  let given = 0;
  for (let piece: Buffer | undefined = first; piece !== undefined; piece = await next()) {
    const bytes = piece;
    await new Promise<void>((resolve, reject) => {
      engine.write(bytes, (error) => (error ? reject(error) : resolve()));
    });
    given += bytes.length;
    const left = given - engine.bytesWritten;
    if (left > 0) return bytes.subarray(bytes.length - left);
  }
  engine.end();
  return undefined;
}
