/** Keeps the compressed bytes of layers, so that a push does not compress the layers again. */
import { closeSync, mkdirSync, openSync, renameSync, writeSync } from "node:fs";
import type { Layer } from "../layer/recipe.ts";
import { toHex } from "../oci/digest.ts";

/**
 * Makes a layer, and writes the compressed bytes that `make` passes to its callback into the folder `blobs`, as a file named
 * after the hexadecimal part of the digest. If `blobs` is undefined, no bytes are kept.
 */
export async function keepBlob(
  blobs: string | undefined,
  make: (onPacked: (piece: Buffer) => void) => Promise<Layer>,
): Promise<Layer> {
  if (blobs === undefined) return await make(() => {});
  mkdirSync(blobs, { recursive: true });
  const unnamed = `${blobs}/unnamed`;
  const fd = openSync(unnamed, "w");
  try {
    const layer = await make((piece) => {
      for (let written = 0; written < piece.length;) written += writeSync(fd, piece, written);
    });
    const blobFile = `${blobs}/${toHex(layer.digest)}`;
    renameSync(unnamed, blobFile);
    return { ...layer, blobFile };
  } finally {
    closeSync(fd);
  }
}
