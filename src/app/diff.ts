/** Compares two images of any form; images of registries are fetched, and specs are built. */
import { compareAll, type Difference, type Differences } from "../diff/compare.ts";
import { directoryImages, fileImages, type AnyImages } from "../image/any-image.ts";
import { isDigestsFile } from "../image/digests-file.ts";
import { isImageDirectory } from "../image/image-directory.ts";
import { isIndexDirectory } from "../image/index-directory.ts";
import { ImageError } from "../oci/image-error.ts";
import type { SpecOptions } from "./compile.ts";
import { withImageDocuments, type FindOptions } from "./find-image.ts";
import { specImages } from "./image-argument.ts";
import { refuseOtherThings } from "./no-image.ts";
import { openImages } from "./open-image.ts";
import type { Context } from "./reporter.ts";
import { isSpec } from "./spec-files.ts";

export type DiffOptions = SpecOptions & Omit<FindOptions, "platform">;

export async function compareImages(
  before: string,
  after: string,
  options: DiffOptions,
  context: Context,
): Promise<Difference | Differences> {
  const { onRetry, stoppable, insecure, platform = "all" } = options;
  const found = { onRetry, stoppable, insecure, platform };
  return await withImageDocuments(before, found, async (beforePath, fetchBefore) =>
    withImageDocuments(after, found, async (afterPath, fetchAfter) => {
      using beforeImages = await images(beforePath, options, context);
      using afterImages = await images(afterPath, options, context);
      const bring = async (digests: Set<string>) => {
        await fetchBefore(digests);
        await fetchAfter(digests);
      };
      const { signal, reporter } = context;
      return await compareAll(beforeImages, afterImages, { bring, signal, onStep: (step) => reporter.line(step) });
    }),
  );
}

/** The images at a path; with a platform, only its image. */
async function images(path: string, options: SpecOptions, context: Context): Promise<AnyImages> {
  if (isSpec(path)) return directoryImages(await specImages(path, options, context));
  const isDirectory = isImageDirectory(path) || isIndexDirectory(path) || isDigestsFile(path);
  if (!isDirectory) refuseOtherThings(path);
  const found = isDirectory ? directoryImages(openImages(path)) : await fileImages(path);
  const { platform } = options;
  if (platform === undefined) return found;
  const wanted = found.images.filter((image) => image.platform === platform);
  if (wanted.length > 0) return { ...found, images: wanted };
  found[Symbol.dispose]();
  throw new ImageError(`${path} has no image for ${platform}`);
}
