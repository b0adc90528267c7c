/**
 * An image directory, format 2:
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
import { formatVersion } from "../layer/format-version.ts";
import { ClosureEntry } from "./plan-file.ts";

/** The file beside one image; beside several images in a layout or archive, the list of their files in the images' order. */
export const IMAGE_FILE = "image.json";
export const IMAGES_FILE = "images.json";

export const Bound = z.strictObject({ operator: z.enum(["<=", "<", "==", ">=", ">"]), value: z.number() });
export type Bound = z.infer<typeof Bound>;

/** A package, as its name and the store paths of its selected outputs. */
const Named = z.strictObject({
  name: z.string(),
  paths: z.array(z.string()),
  /** The selected output; if absent, any output will do. */
  output: z.optional(z.string()),
  /** Store paths of the outputs that are not selected. */
  others: z.optional(z.array(z.string())),
  /** The wrapped package of the entry before, which the spec names. */
  wrapped: z.optional(z.boolean()),
});
export type Named = z.infer<typeof Named>;

/** A command that must work in a container of the image. */
const RunTrial = z.strictObject({ command: z.array(z.string()), exit: z.number(), stdout: z.nullable(z.string()) });
export type RunTrial = z.infer<typeof RunTrial>;

/** What the user said to expect. Sizes in bytes. */
export const Expect = z.strictObject({
  size: z.array(Bound),
  layers: z.array(Bound),
  layerSize: z.array(Bound),
  absent: z.array(Named),
  present: z.array(Named),
  noSetuid: z.boolean(),
  noWorldWritable: z.boolean(),
  /** These two only a machine can tell, so they are no part of a build. */
  reproducible: z.boolean(),
  run: z.array(RunTrial),
});
export type Expect = z.infer<typeof Expect>;

/** A licence by its SPDX identifier, or by name where it has none. */
export const License = z.union([z.strictObject({ id: z.string() }), z.strictObject({ name: z.string() })]);
export type License = z.infer<typeof License>;

/** What the package set says of a store path. */
export const Metadata = z.strictObject({
  path: z.string(),
  name: z.string(),
  version: z.string(),
  output: z.string(),
  licenses: z.array(License),
  description: z.nullable(z.string()),
  homepage: z.nullable(z.string()),
  /** The package's Common Platform Enumeration name, and its package URL, where the package set knows them. */
  cpe: z.optional(z.string()),
  purl: z.optional(z.string()),
});
export type Metadata = z.infer<typeof Metadata>;

export const ImageFile = z.strictObject({
  imgc: formatVersion(2),
  name: z.string(),
  tag: z.string(),
  storeDir: z.string(),
  expect: Expect,
  closure: z.array(ClosureEntry),
  /** Store paths that a base made elsewhere holds without saying more of them, sorted. */
  held: z.array(z.string()),
  /** Sorted store paths that the image or a base names directly; all others are in their closure. */
  roots: z.array(z.string()),
  /** Of those paths of the closure that the package set knows, sorted by path. */
  metadata: z.array(Metadata),
});
export type ImageFile = z.infer<typeof ImageFile>;
