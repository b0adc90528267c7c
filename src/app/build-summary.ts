/** Describes the result of a build: names, digests, sizes, and which layers were new. */
import { readdirSync, realpathSync } from "node:fs";
import { join } from "node:path";
import type { FormName } from "../image/index-entries.ts";
import type { BuiltDerivation } from "../nix/build-log.ts";
import { platformText } from "../oci/platform.ts";
import { outputsOf } from "../store/derivation.ts";
import type { BuiltImage, BuiltSpec } from "./build.ts";

/** `size`: bytes in a registry (compressed); `unpackedSize`: bytes of the tar streams. */
export interface ImageSummary {
  name: string;
  tag: string;
  platform: string;
  /** The form, if the platform has two. */
  form?: FormName;
  digest: string;
  /** The digest of the index that lists the image, if there is one; the tag leads to the index. */
  index?: string;
  size: number;
  unpackedSize: number;
  /** Lowest layer first; `built`: this build hashed the layer, instead of reusing it. */
  layers: { name: string; digest: string; size: number; built: boolean }[];
  output: string;
}

export function summaries({ images, built, root }: BuiltSpec): ImageSummary[] {
  return images.map((image) => summary(image, built, root));
}

function summary(
  { output, image, digest, index }: BuiltImage,
  built: readonly BuiltDerivation[],
  root: string,
): ImageSummary {
  const { file, layers, manifest, manifestBytes, config } = image;
  const made = built.flatMap(({ derivation }) => outputsOf(root + derivation)).map((path) => root + path);
  const recipes = made.length === 0 ? [] : recipePaths(image.path);
  return {
    name: file.name,
    tag: index?.tag ?? file.tag,
    platform: platformText(config),
    ...(index?.form === undefined ? {} : { form: index.form }),
    digest,
    ...(index === undefined ? {} : { index: index.digest }),
    size: manifestBytes.length + manifest.config.size + layers.reduce((sum, layer) => sum + layer.size, 0),
    unpackedSize: layers.reduce((sum, layer) => sum + layer.diffSize, 0),
    layers: layers.map((layer, i) => {
      const isBuilt = made.some((path) => recipes[i]?.startsWith(path));
      return { name: layer.name, digest: layer.digest, size: layer.size, built: isBuilt };
    }),
    output,
  };
}

/** The store path of each layer's recipe. */
function recipePaths(image: string): string[] {
  const folder = join(image, "layers");
  return readdirSync(folder)
    .toSorted()
    .map((name) => realpathSync(join(folder, name)));
}
