/** The result of verifying an image. */
import type { Expect } from "../image/image-file.ts";

export interface Report {
  /** The image's form, in words. */
  form: string;
  /** The digests of manifests; for a Docker archive, of configs. */
  digests: string[];
  /** The name of the image of each digest, with its platform and form if they are needed to tell the images apart; "" if unknown. */
  names: string[];
  /** The number of images. The forms of one image count once. */
  images: number;
  /** The digest of the index, if a layout lists exactly one index. */
  index?: string;
  /** The forms of one image have the same layers, store paths and uncompressed size, which count once. */
  layers: number;
  paths: number;
  /** The number of store paths whose hash `deep` could not check (`inspect-layer.ts`). */
  unhashed: number;
  /** The size of the uncompressed layers, in bytes. */
  size: number;
  /** Sentences about settings of the base that the image does not have; no findings. */
  notes: string[];
  /** Sentences; empty if the image is valid. */
  findings: string[];
  /** Expectations that files alone cannot prove. */
  untested: Pick<Expect, "reproducible" | "run">;
}

export interface VerifyOptions {
  /** Whether to check the NAR hashes of store paths as well. */
  deep: boolean;
  /** Called with the name of each layer before it is read. */
  onStep: (step: string) => void;
  /** Called for each layer of an image that has a manifest, with the store paths in it. */
  onLayer: (layer: { label: string; digest: string; storePaths: ReadonlySet<string> }) => void;
}
