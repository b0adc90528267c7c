/** Loads an image into podman or docker. */
import { fullNameOf } from "../image/export.ts";
import { defaultTag } from "../image/index-tag.ts";
import type { ImageDirectory } from "../image/image-directory.ts";
import { Realiser } from "../nix/realise.ts";
import { findEngine, load, type Engine } from "../publish/load.ts";
import { LayerPool } from "../serve/layer-pool.ts";
import type { LayerEvent } from "../serve/send-blob.ts";

export interface LoadedImage {
  engine: Engine;
  /** The image's name in the engine. */
  name: string;
}

interface LoadCallbacks {
  signal: AbortSignal;
  onLayer: (event: LayerEvent) => void;
  note: (message: string) => void;
}

/** Loads the first form, under the tag that a push uses. `into`: the engine; if undefined, the first installed one. */
export async function loadImage(
  forms: ImageDirectory[],
  into: Engine | undefined,
  callbacks: LoadCallbacks,
): Promise<LoadedImage> {
  using realiser = new Realiser({ signal: callbacks.signal });
  await using pool = new LayerPool();
  const engine = into ?? (await findEngine());
  const [image] = forms as [ImageDirectory];
  const called = { name: image.file.name, tag: defaultTag(forms) };
  await load(image, called, engine, { ...callbacks, pool, realise: realiser.realise });
  return { engine, name: fullNameOf(called) };
}
