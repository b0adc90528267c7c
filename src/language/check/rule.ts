/** The type of rules about a whole image. */
import type { ImageSpec } from "../schema/spec.ts";
import type { Scope } from "../types/type.ts";
import type { ImageNode } from "./module.ts";

/** An image and its bases. */
export interface Subject {
  spec: ImageSpec;
  /** The image, its base, the base's base, as far as they are declared in files. */
  chain: readonly ImageSpec[];
  image: ImageNode;
  scope: Scope;
}

export type Rule = (subject: Subject) => void;
