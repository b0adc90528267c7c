/** The derivation of one layer's blob, for outputs that hold the bytes: made from the recipe, and checked against it. */
import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import * as z from "zod/mini";
import { compress } from "../layer/compress.ts";
import { Layer } from "../layer/recipe.ts";
import { layerChunks } from "../layer/stream.ts";
import { attributes, BuildError, phase, readJson } from "./attributes.ts";

export async function blob(): Promise<void> {
  const { layer: path, out } = attributes(z.object({ layer: z.string() }));
  const layer = Layer.parse(readJson(path));
  phase(`writing ${layer.name}`);
  const hash = createHash("sha256");
  async function* hashed() {
    for await (const piece of compress(layerChunks(layer.content), layer.compression)) {
      hash.update(piece);
      // The writer keeps what it is given, but an uncompressed chunk is used again.
      yield Buffer.from(piece);
    }
  }
  await pipeline(Readable.from(hashed()), createWriteStream(out));
  const digest = `sha256:${hash.digest("hex")}`;
  if (digest !== layer.digest) {
    throw new BuildError(`${layer.name}: its recipe claims ${layer.digest}, its bytes have ${digest}`);
  }
}
