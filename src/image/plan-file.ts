/** The plan derivation's output: the store paths that the image adds to its bases, and the layer of each. */
import * as z from "zod/mini";
import { FileCount } from "./content-file.ts";

/** A store path of the image. `narHash` is in any of Nix's notations, `narSize` in bytes. */
export const ClosureEntry = z.strictObject({
  path: z.string(),
  narHash: z.string(),
  narSize: z.number(),
  references: z.array(z.string()),
});
export type ClosureEntry = z.infer<typeof ClosureEntry>;

export const PlanFile = z.strictObject({
  version: z.literal(2),
  /** Store layers, deepest first. */
  layers: z.array(
    z.strictObject({
      name: z.string(),
      paths: z.array(z.string()),
      /** The comment in the image's history. */
      comment: z.optional(z.string()),
    }),
  ),
  /** The limit of these layers if `auto` splits all paths; other images may share layers of this plan. */
  autoBudget: z.optional(z.number()),
  /** The store paths that this plan describes, sorted: the paths in its layers, and paths of a base that has no database. */
  closure: z.array(ClosureEntry),
  /**
   * Sorted store paths that the image names directly. Every path in `layers` is in the closure of these paths, or of the roots of
   * a base.
   */
  roots: z.array(z.string()),
  /** The number and size of the base's files that rules write again (content-file.ts); missing without any. */
  rewritten: z.optional(FileCount),
});
export type PlanFile = z.infer<typeof PlanFile>;

/** The paths of a closure to which no other path of it refers. */
export function unreferenced(closure: ClosureEntry[]): string[] {
  const needed = new Set(closure.flatMap(({ path, references }) => references.filter((each) => each !== path)));
  return closure.flatMap(({ path }) => (needed.has(path) ? [] : [path]));
}
