/** The outputs `oci-archive` and `docker-archive`: streams the image into one file. */
import { createHash } from "node:crypto";
import * as z from "zod/mini";
import { dockerFiles, layoutFiles, tarOf, type ExportImage, type ExportLayer } from "../../image/export.ts";
import { partsOf } from "../../image/index-directory.ts";
import { readImageDirectory, type ImageDirectory } from "../../image/image-directory.ts";
import { packedBytes, plainBytes } from "../../layer/bytes.ts";
import type { Layer } from "../../layer/recipe.ts";
import { attributes } from "../attributes.ts";
import { BuildError } from "../build-error.ts";
import { phase } from "../derivation.ts";
import { digestOf } from "../../oci/digest.ts";
import { writeToFile } from "../../util/write-to-file.ts";

const Attributes = z.object({ image: z.string(), form: z.enum(["oci-archive", "docker-archive"]) });

export async function archive(): Promise<void> {
  const { image, form, out } = attributes(Attributes);
  const isPlain = form === "docker-archive";
  const [first, ...others] = partsOf(image).map((path) => exportImage(readImageDirectory(path), isPlain));
  const exported = { ...(first as ExportImage), otherForms: others };
  await writeToFile(tarOf((isPlain ? dockerFiles : layoutFiles)([exported])), out);
}

function exportImage(
  { file, manifest, manifestBytes, configBytes, layers }: ImageDirectory,
  isPlain: boolean,
): ExportImage {
  return {
    file,
    mediaType: manifest.mediaType ?? "",
    manifest: manifestBytes,
    config: configBytes,
    layers: layers.map((layer) => exportLayer(layer, isPlain)),
  };
}

function exportLayer(layer: Layer, isPlain: boolean): ExportLayer {
  const { name, content, compression } = layer;
  const [digest, size] = isPlain ? [layer.diffId, layer.diffSize] : [layer.digest, layer.size];
  return { digest, size, bytes };

  async function* bytes(): AsyncGenerator<Uint8Array> {
    phase(`writing ${name}`);
    const hash = createHash("sha256");
    for await (const piece of (isPlain ? plainBytes : packedBytes)(content, compression)) {
      hash.update(piece);
      // Copied: the stream of an uncompressed layer reuses its buffer while the writer may still hold the piece.
      yield Buffer.from(piece);
    }
    const computed = digestOf(hash);
    if (computed !== digest) throw new BuildError(`${name} has the digest ${computed}, but ${digest} in its recipe`);
  }
}
