/** Keeps the compressed bytes of layers, so that a push does not compress the layers again. */
import { closeSync, mkdirSync, openSync, renameSync, writeSync } from "node:fs";
import type { Layer } from "../layer/recipe.ts";
import { toHex } from "../oci/digest.ts";

/**
 * Makes the forms of a layer, and writes the compressed bytes that `make` passes to its callbacks into the folder `blobs`, as
 * files named after the hexadecimal part of the digest. If `blobs` is undefined, no bytes are kept.
 */
export async function keepBlobs(
  blobs: string | undefined,
  forms: number,
  make: (onPacked: ((piece: Buffer) => void)[]) => Promise<Layer[]>,
): Promise<Layer[]> {
  const numbers = Array.from({ length: forms }, (_, i) => i);
  if (blobs === undefined) return await make(numbers.map(() => () => {}));
  mkdirSync(blobs, { recursive: true });
  // Several threads may write at once.
  const { threadId } = process.getBuiltinModule("node:worker_threads");
  const unnamed = numbers.map((i) => `${blobs}/unnamed-${threadId}-${i}`);
  const fds = unnamed.map((file) => openSync(file, "w"));
  try {
    const write = (fd: number, piece: Buffer) => {
      for (let written = 0; written < piece.length;) written += writeSync(fd, piece, written);
    };
    const layers = await make(fds.map((fd) => (piece) => write(fd, piece)));
    return layers.map((layer, i) => {
      const blobFile = `${blobs}/${toHex(layer.digest)}`;
      renameSync(unnamed[i] as string, blobFile);
      return { ...layer, blobFile };
    });
  } finally {
    fds.forEach(closeSync);
  }
}
