import type { Layer } from "../layer/recipe.ts";

/** A blob that is made from a recipe. Plain: the tar stream itself, whatever the recipe's compression. */
export interface LayerBlob {
  /** For messages: `layer 3 (runtime)`. */
  title: string;
  layer: Layer;
  plain: boolean;
  digest: string;
  size: number;
  /** What stands before store paths on this machine. */
  root: string;
  /** What the image knows of its paths' hashes, to name the one that changed. */
  narHashes: Record<string, string>;
}
