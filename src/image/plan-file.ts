/** The plan derivation's output: what the image holds, and which layer holds it. */
import * as z from "zod/mini";
import { RootEntry } from "../layer/recipe.ts";

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
  /** The store layers, deepest first. */
  layers: z.array(z.strictObject({ name: z.string(), paths: z.array(z.string()) })),
  /** The files outside the store, sorted by path; they make the last layer. */
  root: z.array(RootEntry),
  /** Every store path of the image, its bases' included, sorted by path. */
  closure: z.array(ClosureEntry),
});
export type PlanFile = z.infer<typeof PlanFile>;
