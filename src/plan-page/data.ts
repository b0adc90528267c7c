/** What the page is given: an image's plan, as plain data in the page itself. Sizes in bytes, references by number. */

export interface PagePath {
  /** Without the hash: `openssl-3.0.13`. */
  name: string;
  /** Empty for the files of a layer that has no store path. */
  path: string;
  size: number;
  /** A number of `layers`. */
  layer: number;
  references: number[];
  /** Largest first; empty where the files are not on this machine. */
  files: [path: string, size: number][];
  /** Whether the image before lacks it; null without one. */
  isNew: boolean | null;
}

export interface PageLayer {
  /** The step that made it, in the words of the spec. */
  step: string;
  size: number;
  /** What a registry sends for it; null before it is built. */
  packed: number | null;
  /** Whether a client that has the image before has to pull it; null without one. */
  isNew: boolean | null;
}

export interface PageData {
  title: string;
  layers: PageLayer[];
  paths: PagePath[];
  /** Bytes expected to be pulled at the next rebuild: with this plan, and if `auto` had made all of it. */
  expected: { plan: number; auto: number };
  /** What the image is compared with. */
  before: { title: string; size: number; layers: number } | null;
}

/** Shows a layer or a path of the closure. */
export interface Navigation {
  layer: (layer: number) => void;
  path: (path: number) => void;
}
