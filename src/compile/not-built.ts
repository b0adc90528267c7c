/**
 * What the language checks in full but nothing builds yet. A command that compiles shows these, so that no setting is
 * silently left out. Whoever builds one deletes its line; with the last one goes the diagnostic `not-built`.
 */
import type { ImageSpec, Spec } from "../language/schema/spec.ts";

/** A setting of an image, by the names it is written with. */
export interface NotBuilt {
  image: string;
  path: string[];
}

const ofImage: { path: string[]; used: (image: ImageSpec) => boolean }[] = [
  { path: ["platforms"], used: ({ platforms }) => platforms.length > 0 },
];

/** The settings of a spec that have no lowering. */
export function notBuilt(spec: Spec): NotBuilt[] {
  return spec.images.flatMap((image) =>
    ofImage.filter(({ used }) => used(image)).map(({ path }) => ({ image: image.name, path })),
  );
}
