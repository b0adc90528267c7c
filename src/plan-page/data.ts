/** The data in the page: an image's plan. Sizes are in bytes; references are indexes of `paths`. */

export interface PagePath {
  /** Without the hash: `openssl-3.0.13`. */
  name: string;
  /** Empty for the entry of a layer's files outside the store. */
  path: string;
  size: number;
  /** An index of `layers`; negative for a path in the base. */
  layer: number;
  references: number[];
  /** Largest first; empty if the files are not on this machine. */
  files: [path: string, size: number][];
  /** Whether the earlier image lacks the path; null without an earlier image. */
  isNew: boolean | null;
}

export interface PageLayer {
  /** The step that made the layer, as in the spec. */
  step: string;
  size: number;
  /** The size of the blob in a registry; null before the image is built. */
  packed: number | null;
  /** Whether a client with the earlier image must pull the layer; null without an earlier image. */
  isNew: boolean | null;
}

export interface PageData {
  title: string;
  layers: PageLayer[];
  paths: PagePath[];
  /** The expected bytes to pull at the next rebuild, with this plan, and with a plan of `auto` alone. */
  expected: { plan: number; auto: number };
  /** The earlier image with which the image is compared. */
  before: { title: string; size: number; layers: number } | null;
}

/** Shows a layer or a path of the closure. */
export interface Navigation {
  layer: (layer: number) => void;
  path: (path: number) => void;
}
