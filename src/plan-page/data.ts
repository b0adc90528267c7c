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
  /** Names of the layer's packages, largest first; or a single name for other layers. */
  packages: string[];
  size: number;
  /** The size of the blob in a registry; null before the image is built. */
  packed: number | null;
  /** Whether a client with the earlier image must pull the layer; null without an earlier image. */
  isNew: boolean | null;
  /** The estimate for the next rebuild; null for a layer of a base that another tool made. */
  cost: PageCost | null;
}

export interface PageCost {
  /** The chance that clients pull the layer again, from 0 to 1. */
  chance: number;
  /** The bytes that clients are expected to pull. */
  expected: number;
  /** The number of store paths whose change changes the layer. */
  causes: number;
  /** Indexes of the layer's paths that a rebuild of the application alone changes. */
  application: number[];
  /** Store paths; files outside the store, with or without copied ones; or the Nix database of the image. */
  content: "store" | "copies" | "files" | "database";
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

/** Shows a layer, a path of the closure, or the result of a search. */
export interface Navigation {
  layer: (layer: number) => void;
  path: (path: number) => void;
  search: (words: string) => void;
}
