/**
 * An image directory, format 1:
 *
 *     image.json       this file: name, tag, what was expected, the closure
 *     manifest.json    the manifest, byte for byte as a registry gets it
 *     config.json      the image config, likewise
 *     layers/NNN.json  a layer's recipe (layer/recipe.ts), deepest first; links into the store beside
 *     SHA256SUMS       of all of these, as `sha256sum` writes and checks it
 *
 * No layer's bytes are in it: they are made from the recipes when somebody asks.
 */
import * as z from "zod/mini";
import { ClosureEntry } from "./plan-file.ts";

export const Bound = z.strictObject({ operator: z.enum(["<=", "<", "==", ">=", ">"]), value: z.number() });
export type Bound = z.infer<typeof Bound>;

/** A package by its name and the store paths of its outputs. */
const Named = z.strictObject({ name: z.string(), paths: z.array(z.string()) });

/** What the user said to expect. Sizes in bytes. */
export const Expect = z.strictObject({
  size: z.array(Bound),
  layers: z.array(Bound),
  layerSize: z.array(Bound),
  absent: z.array(Named),
  present: z.array(Named),
  noSetuid: z.boolean(),
  noWorldWritable: z.boolean(),
});
export type Expect = z.infer<typeof Expect>;

export const ImageFile = z.strictObject({
  imgc: z.literal(1),
  name: z.string(),
  tag: z.string(),
  storeDir: z.string(),
  expect: Expect,
  closure: z.array(ClosureEntry),
});
export type ImageFile = z.infer<typeof ImageFile>;
