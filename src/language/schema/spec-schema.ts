/** The zod schema of a Spec, from the same tables as its type. */
import * as z from "zod/mini";
import { settingsSchema } from "../types/block.ts";
import { imageSettings } from "./image.ts";
import { packageSetSettings } from "./package-set.ts";
import type { Spec } from "./spec.ts";
import { codeSchema } from "../types/values.ts";

const paramSchema = z.strictObject({
  name: z.string(),
  type: z.enum(["string", "integer", "size", "duration"]),
  default: z.union([z.string(), z.int(), z.null()]).check(z.describe("Sizes are bytes, durations nanoseconds.")),
});

const placeSchema = z.union([
  z.null(),
  z.strictObject({ flake: z.string() }),
  z.strictObject({ path: z.string() }),
  codeSchema(),
]);

export const specSchema: z.ZodMiniType<Spec> = z.strictObject({
  edition: z.literal(1),
  nixpkgs: settingsSchema(packageSetSettings, {
    place: placeSchema.check(z.describe("The package set; null is the caller's `<nixpkgs>`.")),
  }),
  params: z.array(paramSchema),
  images: z.array(settingsSchema(imageSettings, { name: z.string() })),
});
