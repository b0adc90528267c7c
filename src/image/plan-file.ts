/** The plan derivation's output: what the image adds to its bases in store paths, and which layer holds which. */
import * as z from "zod/mini";

/** A store path of the image. `narHash` as Nix writes it, `narSize` in bytes. */
export const ClosureEntry = z.strictObject({
  path: z.string(),
  narHash: z.string(),
  narSize: z.number(),
  references: z.array(z.string()),
});
export type ClosureEntry = z.infer<typeof ClosureEntry>;

export const PlanFile = z.strictObject({
  version: z.literal(1),
  /** Store layers, deepest first. */
  layers: z.array(z.strictObject({ name: z.string(), paths: z.array(z.string()) })),
  /** The store paths that are known with this plan, sorted: those in its layers, and some that a base holds unsaid. */
  closure: z.array(ClosureEntry),
});
export type PlanFile = z.infer<typeof PlanFile>;
