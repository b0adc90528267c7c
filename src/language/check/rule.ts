/** The type of rules about a whole image. */
import type { ImageSpec } from "../schema/spec.ts";
import type { Scope } from "../types/type.ts";
import type { ImageNode } from "./module.ts";

/** An image and its bases. */
export interface Subject {
  spec: ImageSpec;
  /** The image and its chain of bases, up to the first base that is not an image of the files. */
  chain: readonly ImageSpec[];
  image: ImageNode;
  /** Whether the last image of the chain has no base; false if its base could not be read. */
  isFromScratch: boolean;
  scope: Scope;
}

export type Rule = (subject: Subject) => void;
