/**
 * An image directory, format 4:
 *
 *     image.json       this file: name, tag, expectations, closure
 *     manifest.json    the manifest, byte for byte as a registry gets it
 *     config.json      the image config, likewise
 *     layers/NNN.json  the layers' recipes (layer/recipe.ts), deepest first; relative links to other store paths
 *     SHA256SUMS       checksums of these files, in the format of `sha256sum`
 *
 * It contains no bytes of layers: they are made from the recipes on demand.
 */
import * as z from "zod/mini";
import { License } from "../license/license-schema.ts";
import { formatVersion } from "../layer/format-version.ts";
import { encode } from "../oci/documents.ts";
import { Closure, closureText } from "./plan-file.ts";

/**
 * The name of this document; a layout or archive of several images has images.json instead, a list of such documents in the
 * order of the images.
 */
export const IMAGE_FILE = "image.json";
export const IMAGES_FILE = "images.json";

export const Bound = z.strictObject({ operator: z.enum(["<=", "<", "==", ">=", ">"]), value: z.number() });
export type Bound = z.infer<typeof Bound>;

/** A package, as its name and the store paths of its selected outputs. */
const Named = z.strictObject({
  name: z.string(),
  paths: z.array(z.string()),
  /** The selected output; missing if any output satisfies. */
  output: z.optional(z.string()),
  /** Names of the outputs that are not selected. */
  others: z.optional(z.array(z.string())),
  /** True if the spec names only a wrapper of this package. The wrapper has an earlier entry. */
  wrapped: z.optional(z.boolean()),
});
export type Named = z.infer<typeof Named>;

/** A command that must succeed in a container of the image. */
const ExpectedRun = z.strictObject({ command: z.array(z.string()), exit: z.number(), stdout: z.nullable(z.string()) });
export type ExpectedRun = z.infer<typeof ExpectedRun>;

/** The spec's `expect`. Sizes are in bytes. */
export const Expect = z.strictObject({
  size: z.array(Bound),
  layers: z.array(Bound),
  layerSize: z.array(Bound),
  absent: z.array(Named),
  present: z.array(Named),
  noSetuid: z.boolean(),
  noWorldWritable: z.boolean(),
  /** `imgc verify` checks these two; a build cannot. */
  reproducible: z.boolean(),
  run: z.array(ExpectedRun),
  /** SPDX expressions without `AND` and `OR`: the only allowed licences (empty: all), and forbidden ones. */
  licenses: z.optional(z.array(z.string())),
  noLicenses: z.optional(z.array(z.string())),
});
export type Expect = z.infer<typeof Expect>;

const Patch = z.strictObject({ name: z.string(), url: z.optional(z.string()) });
export type Patch = z.infer<typeof Patch>;

/** The package set's metadata of a store path. */
export const Metadata = z.strictObject({
  path: z.string(),
  name: z.string(),
  version: z.string(),
  output: z.string(),
  licenses: z.array(License),
  description: z.nullable(z.string()),
  homepage: z.nullable(z.string()),
  /** The package's Common Platform Enumeration name, and its package URL, if the package set has them. */
  cpe: z.optional(z.string()),
  purl: z.optional(z.string()),
  /** Possible names, most likely first, if the package set is not certain of the Common Platform Enumeration name. */
  possibleCpes: z.optional(z.array(z.string())),
  /** A URL of each source. */
  sources: z.optional(z.array(z.string())),
  /** The patches that the derivation applies: file names, and URLs of fetched patches. */
  patches: z.optional(z.array(Patch)),
});
export type Metadata = z.infer<typeof Metadata>;

export const ImageFile = z.strictObject({
  imgc: formatVersion(4),
  name: z.string(),
  tag: z.string(),
  storeDir: z.string(),
  expect: Expect,
  closure: Closure,
  /** Sorted store paths in layers of a foreign base, if only the names of the paths are known. */
  held: z.array(z.string()),
  /** Sorted store paths that the image or a base names directly; all others are in their closure. */
  roots: z.array(z.string()),
  /** Metadata of those paths of the closure that the package set knows, sorted by path. */
  metadata: z.array(Metadata),
  /** Sentences about settings of the base that the image does not inherit; missing without any. */
  notes: z.optional(z.array(z.string())),
});
export type ImageFile = z.infer<typeof ImageFile>;

/** The content of image.json. */
export function imageText(file: ImageFile): z.input<typeof ImageFile> {
  return { ...file, closure: closureText(file.closure) };
}

/** The bytes of image.json. */
export function encodeImageFile(file: ImageFile): Buffer {
  return encode(imageText(file));
}
