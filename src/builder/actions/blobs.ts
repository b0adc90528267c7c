/** Writes the blobs of layers into a folder, each named after the hexadecimal part of its digest. */
import { createHash } from "node:crypto";
import { mkdirSync, statSync, symlinkSync } from "node:fs";
import * as z from "zod/mini";
import { packedBytes } from "../../layer/bytes.ts";
import type { Layer } from "../../layer/recipe.ts";
import { attributes } from "../attributes.ts";
import { BuildError } from "../build-error.ts";
import { phase } from "../derivation.ts";
import { readRecipes } from "../recipes.ts";
import { digestOf, toHex } from "../../oci/digest.ts";
import { writeToFile } from "../../util/write-to-file.ts";

const Attributes = z.object({ layers: z.array(z.string()) });

export async function blobs(): Promise<void> {
  const { layers, out } = attributes(Attributes);
  mkdirSync(out);
  for (const { layer } of readRecipes(layers)) {
    phase(`writing ${layer.name}`);
    await writeBlob(layer, `${out}/${toHex(layer.digest)}`);
  }
}

/** Makes a blob from its recipe and checks its digest. If the blob is already a whole file, links to that file. */
async function writeBlob(layer: Layer, file: string): Promise<void> {
  const { blob } = layer.content;
  if (blob !== undefined && statSync(blob.file).size === blob.size) return symlinkSync(blob.file, file);
  const hash = createHash("sha256");
  async function* hashed() {
    for await (const piece of packedBytes(layer.content, layer.compression)) {
      hash.update(piece);
      // Copied: the stream of an uncompressed layer reuses its buffer while the writer may still hold the piece.
      yield Buffer.from(piece);
    }
  }
  await writeToFile(hashed(), file);
  const digest = digestOf(hash);
  if (digest !== layer.digest) {
    throw new BuildError(`${layer.name} has the digest ${digest}, but ${layer.digest} in its recipe`);
  }
}
