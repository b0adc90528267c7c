/** The layers of an image for `imgc plan`: of a built image, or of a description whose layers need not be built. */
import type { ClosureEntry, PlanFile } from "../image/plan-file.ts";
import type { Layer, LayerContent } from "../layer/recipe.ts";
import type { CopyCount } from "./copies.ts";
import { openImage } from "./open-image.ts";

export interface PlanView {
  title: string;
  /** Lowest layer first. */
  layers: PlanLayer[];
  closure: ClosureEntry[];
  /** The prefix of store paths on this machine. */
  root: string;
  /** For a spec: the settings on which the digests of store layers depend, besides the paths. */
  form?: string;
  /** For a spec: the image of the same file that is the base. */
  base?: string;
  /** For a spec: the files that its `copy` entries copy. */
  copies?: CopyCount[];
  /** For a spec: the files of the base that rules of `permissions` duplicate. */
  rewritten?: PlanFile["rewritten"];
}

export interface PlanLayer {
  name: string;
  paths: string[];
  /** Bytes of the tar stream; bytes of the store paths if this machine has neither the layer's recipe nor its sources. */
  size: number;
  content: LayerContent;
  /** Undefined if the layer is not built. `packed`: bytes of the blob. */
  built?: { digest: string; packed: number };
}

export function imagePlan(path: string): PlanView {
  const { file, layers, root } = openImage(path);
  return {
    title: `${file.name}:${file.tag}`,
    layers: layers.map((layer) => builtLayer(layer)),
    closure: file.closure,
    root,
  };
}

/** A layer with a recipe. */
export function builtLayer({ name, content, digest, size, diffSize }: Layer): PlanLayer {
  return { name, paths: content.paths, size: diffSize, content, built: { digest, packed: size } };
}
