/** The Spec, which the language passes to the compiler: serializable, complete, and independent of text and of Nix. */
import type { ImageSettings } from "./image.ts";
import type { packageSetSettings } from "./package-set.ts";
import type { Infer } from "../types/setting.ts";
import type { Code, ParamSpec } from "../types/values.ts";

export type { Amount, Bound, Code, Owner, Package, Step, Text } from "../types/values.ts";

/** The package set: its place (null for the caller's `<nixpkgs>`), and its options. */
export type Nixpkgs = { place: null | { flake: string } | { path: string } | Code } & PackageSetOptions;
export type PackageSetOptions = Infer<typeof packageSetSettings>;

/** An image with all defaults; its fields are the settings of `image.ts`. */
export type ImageSpec = { name: string } & Infer<ImageSettings>;

/**
 * A checked file. Images are in the order of the file, but each base, even an imported one, comes before the images
 * that use it.
 */
export interface Spec {
  edition: 1;
  nixpkgs: Nixpkgs;
  params: ParamSpec[];
  images: ImageSpec[];
}
