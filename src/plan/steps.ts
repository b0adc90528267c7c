/** What the user says about layers. Packages are store paths. */
import * as z from "zod/mini";
import { EXIT, ImgcError } from "../util/errors.ts";

/** A step takes paths from what the steps before it left, deepest layer first. */
export type Step =
  /** These packages and, without `only`, their closures; one layer, or split by steps of its own. */
  | { kind: "layer"; name: string; packages: string[]; only: boolean; steps: Step[]; comment: string | null }
  /** The `count` most popular remaining paths share a layer. */
  | { kind: "group"; count: number }
  /** The next `count` paths have a layer each; null: all that remain, until the budget ends. */
  | { kind: "each"; count: number | null }
  /** What remains is split so that rebuilds move few bytes. */
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

/** Thrown when the steps cannot be followed; its message is for the user. */
export class PlanError extends ImgcError {
  constructor(message: string) {
    super(EXIT.findings, message);
  }
}
