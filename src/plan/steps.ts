/** The steps of the spec's `layers`. Packages are store paths. */
import * as z from "zod/mini";
import { EXIT, ImgcError } from "../util/errors.ts";

/** A step takes paths that the steps before it left, deepest layer first. */
export type Step =
  /** These packages and, without `only`, their closures; a single layer unless `steps` split it. */
  | { kind: "layer"; name: string; packages: string[]; only: boolean; steps: Step[]; comment: string | null }
  /** The `count` most popular remaining paths share a layer. */
  | { kind: "group"; count: number }
  /** The next `count` paths have a layer each; null: all remaining paths, within the budget. */
  | { kind: "each"; count: number | null }
  /** The remaining paths are split so that clients pull few bytes at rebuilds. */
  | { kind: "auto" }
  | { kind: "rest" };

export const Step: z.ZodMiniType<Step> = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("layer"),
    name: z.string(),
    packages: z.array(z.string()),
    only: z.boolean(),
    steps: z.array(z.lazy(() => Step)),
    comment: z.nullable(z.string()),
  }),
  z.strictObject({ kind: z.literal("group"), count: z.number().check(z.int(), z.positive()) }),
  z.strictObject({ kind: z.literal("each"), count: z.nullable(z.number().check(z.int(), z.positive())) }),
  z.strictObject({ kind: z.literal("auto") }),
  z.strictObject({ kind: z.literal("rest") }),
]);

/** The steps cannot be followed. The message is for users. */
export class PlanError extends ImgcError {
  constructor(message: string) {
    super(EXIT.findings, message);
  }
}
