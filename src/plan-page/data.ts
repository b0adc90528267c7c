/** The data in the page: an image's plan. Sizes are in bytes; references are indexes of `paths`. */

export interface PagePath {
  /** The name without the hash: `openssl-3.0.13`. */
  name: string;
  /** The store path; empty for the entry that stands for a layer's files outside the store. */
  path: string;
  size: number;
  /** An index of `layers`; negative for a path in the base. */
  layer: number;
  references: number[];
  /** The files in the path, largest first; empty if the path is not on this machine. */
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
  /**
   * The bytes that a client is expected to pull after the next rebuild: with this plan, and with a plan of `auto`
   * alone.
   */
  expected: { plan: number; auto: number };
  /** The earlier image with which the image is compared. */
  before: { title: string; size: number; layers: number } | null;
}

/** Shows a layer or a path of the closure. */
export interface Navigation {
  layer: (layer: number) => void;
  path: (path: number) => void;
}
