/** A layer's blob, made from its recipe on request. */
import type { Layer } from "../layer/recipe.ts";

export interface LayerBlob {
  /** For messages: `layer 3 (runtime)`. */
  title: string;
  layer: Layer;
  /** Whether the blob is the uncompressed tar stream, whatever the recipe's compression. */
  plain: boolean;
  digest: string;
  size: number;
  /** The prefix of store paths on this machine. */
  root: string;
  /** NAR hashes of the store paths, to find a changed path. */
  narHashes: Record<string, string>;
}
