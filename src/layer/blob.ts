/** Makes the recipe of a layer made elsewhere, from its blob. */
import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { blobBytes, unpack } from "./bytes.ts";
import { plainName, TarReader } from "./read-tar.ts";
import { LAYER_VERSION } from "./layer-version.ts";
import type { Blob, Compression, Layer, LayerContent } from "./recipe.ts";
import { isSpecial } from "./tree.ts";
import { digestOf } from "../oci/digest.ts";

export interface BlobOptions {
  root?: string;
  /** Gets the tar stream; each piece is valid only during the call. */
  onChunk?: (chunk: Buffer) => void;
  /** Digests that are checked already, so that no bytes are hashed. */
  known?: { digest: string; diffId: string };
}

/** Reads the blob once. Throws if the blob does not have this compression, or does not contain a tar stream. */
export async function digestBlob(
  name: string,
  content: LayerContent & { blob: Blob },
  compression: Compression,
  { root = "", onChunk = () => {}, known }: BlobOptions = {},
): Promise<Layer> {
  const packed = createHash("sha256");
  const diff = createHash("sha256");
  let diffSize = 0;
  const modes = new Map<string, number>();
  const tar = new TarReader(({ name: entry, type, mode }) => {
    const path = `/${Buffer.from(plainName(entry), "latin1").toString()}`;
    const kind = type === "2" ? "symlink" : type === "5" ? "directory" : "file";
    if (isSpecial(kind, mode)) modes.set(path, mode);
  });
  async function* watched(): AsyncGenerator<Buffer> {
    for await (const piece of blobBytes(content.blob, root) as AsyncIterable<Buffer>) {
      if (known === undefined) packed.update(piece);
      yield piece;
    }
  }
  for await (const piece of unpack(Readable.from(watched()), compression) as AsyncIterable<Buffer>) {
    if (known === undefined) diff.update(piece);
    diffSize += piece.length;
    onChunk(piece);
    tar.push(piece);
  }
  tar.end();
  return {
    version: LAYER_VERSION,
    name,
    content,
    special: [...modes].map(([path, mode]) => ({ path, mode })),
    diffId: known?.diffId ?? digestOf(diff),
    diffSize,
    compression,
    compressor: "none",
    digest: known?.digest ?? digestOf(packed),
    size: content.blob.size,
  };
}
