/**
 * Prepares an image for sending. Layers that another version of a compressor made are compressed again, unless the build kept
 * their bytes.
 */
import { compressorName } from "../layer/compress.ts";
import { sources } from "../layer/sources.ts";
import { withKeptBlobs } from "../image/kept-blobs.ts";
import type { ImageDirectory } from "../image/image-directory.ts";
import { missingSource } from "../serve/damage.ts";
import type { Realise } from "../serve/send-blob.ts";
import type { LayerPool } from "../serve/layer-pool.ts";
import { foreignLayers, recompressedView, viewOf, type View } from "../serve/view.ts";

/**
 * The view of an image for sending. If another version of a compressor made a layer, computes the layer's digest again,
 * since this runtime may make other bytes. If a digest differs, the view has a new manifest. `note` is called with the
 * reasons.
 */
export async function prepare(
  built: ImageDirectory,
  pool: LayerPool,
  realise: Realise,
  note: (message: string) => void,
): Promise<View> {
  const image = withKeptBlobs(built);
  const foreign = foreignLayers(image);
  const [first] = foreign;
  if (first === undefined) return viewOf(image);
  note(
    `${foreign.length} of ${image.layers.length} layers were compressed by ${first.compressor}, but this Node.js has ` +
      `${compressorName(first.compression)}: compressing them again to compare their digests`,
  );
  const layers = await Promise.all(
    image.layers.map(async (layer) => {
      if (!foreign.includes(layer)) return layer;
      if (missingSource(layer.content, image.root) !== undefined) await realise(sources(layer.content), image.root);
      return await pool.digest(layer, layer.compression, image.root);
    }),
  );
  if (layers.every(({ digest }, i) => digest === image.layers[i]?.digest)) return viewOf(image);
  const view = recompressedView(image, layers);
  note(`the digests differ: the image's digest is now ${view.manifest.digest}; its contents are the same`);
  return view;
}
