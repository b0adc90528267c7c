/**
 * What the language checks in full but nothing builds yet. A command that compiles shows these, so that no setting is
 * silently left out. Whoever builds one deletes its line; with the last one goes the diagnostic `not-built`.
 */
import type { ImageSpec, Spec } from "../language/schema/spec.ts";

/** A setting of the file, or of one of its images, by the names it is written with. */
export interface NotBuilt {
  image: string | undefined;
  path: string[];
}

const ofFile: { path: string[]; used: (spec: Spec) => boolean }[] = [
  { path: ["nixpkgs"], used: ({ nixpkgs }) => nixpkgs !== null && "flake" in nixpkgs },
];

const ofImage: { path: string[]; used: (image: ImageSpec) => boolean }[] = [
  { path: ["base"], used: ({ base }) => base.kind === "registry" },
  { path: ["platforms"], used: ({ platforms }) => platforms.length > 0 },
  { path: ["cache", "store"], used: ({ cache }) => cache.store !== null },
  { path: ["cache", "binary-cache"], used: ({ cache }) => cache.binaryCache !== null },
  { path: ["cache", "push"], used: ({ cache }) => cache.push !== null },
];

/** The settings of a spec that have no lowering; with `nixpkgs` from elsewhere, the file's own is not asked for. */
export function notBuilt(spec: Spec, options: { nixpkgs?: string | undefined } = {}): NotBuilt[] {
  const file = options.nixpkgs === undefined ? ofFile.filter(({ used }) => used(spec)) : [];
  return [
    ...file.map(({ path }) => ({ image: undefined, path })),
    ...spec.images.flatMap((image) =>
      ofImage.filter(({ used }) => used(image)).map(({ path }) => ({ image: image.name, path })),
    ),
  ];
}
