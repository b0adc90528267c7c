/** An image as this runtime can send it: as it was built, unless the compressor that made a layer is another one. */
import { compressorName } from "../layer/compress.ts";
import { sources } from "../layer/sources.ts";
import type { ImageDirectory } from "../image/image-directory.ts";
import { missingSource } from "../serve/damage.ts";
import type { Realise } from "../serve/send-blob.ts";
import type { LayerPool } from "../serve/layer-pool.ts";
import { foreignLayers, recompressedView, viewOf, type View } from "../serve/view.ts";

/**
 * Where another version of a compressor could give other bytes, its layers are compressed anew and the manifest is
 * written again, rather than promise a digest that may not come out. `note` hears of it.
 */
export async function prepare(
  image: ImageDirectory,
  pool: LayerPool,
  realise: Realise,
  note: (message: string) => void,
): Promise<View> {
  const foreign = foreignLayers(image);
  const [first] = foreign;
  if (first === undefined) return viewOf(image);
  note(
    `${foreign.length} of ${image.layers.length} layers were compressed by ${first.compressor}, and this Node.js has ` +
      `${compressorName(first.compression)}: compressing them again to see whether their digests hold`,
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
  note(
    `they do not: the digest is ${view.manifest.digest} instead of the one that was built; the contents are the same`,
  );
  return view;
}
