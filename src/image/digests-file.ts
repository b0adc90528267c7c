/**
 * An image's digests, format 1: all that its directory says (image-file.ts) in one veiled file that refers to no store
 * path. Whoever has it can push the image, and needs a layer's store paths only where its bytes are wanted.
 */
import { existsSync, realpathSync, statSync } from "node:fs";
import * as z from "zod/mini";
import { formatVersion } from "../layer/format-version.ts";
import { Layer } from "../layer/recipe.ts";
import { ImageFile } from "./image-file.ts";
import { ImageConfig, Manifest } from "../oci/documents.ts";
import { checked, parsed, parseJson } from "../oci/json.ts";
import { MAX_OWN_DOCUMENT, readBytes, requireSources, storeRoot, type ImageDirectory } from "./image-directory.ts";
import { decodeVeiled } from "../store/masked-json.ts";

export const DigestsFile = z.strictObject({
  imgcDigests: formatVersion(1),
  image: ImageFile,
  /** The documents' own text: their digests are taken of it. */
  manifest: z.string(),
  config: z.string(),
  /** Deepest first. */
  layers: z.array(Layer),
});
export type DigestsFile = z.infer<typeof DigestsFile>;

/** Whether the path may be such a file: an image's other forms are folders or archives. */
export function isDigestsFile(path: string): boolean {
  return existsSync(path) && statSync(path).isFile() && realpathSync(path).endsWith("-digests.json");
}

/** The image as its directory would give it. */
export function readDigests(path: string): ImageDirectory {
  const { image, manifest, config, layers } = parseVeiled(path);
  const manifestBytes = Buffer.from(manifest);
  const configBytes = Buffer.from(config);
  const store = { storeDir: image.storeDir, root: storeRoot(path, image.storeDir) };
  for (const layer of layers) requireSources(layer, store, path);
  return {
    path,
    file: image,
    manifest: parseJson(Manifest, manifestBytes, `${path}: manifest`),
    manifestBytes,
    config: parseJson(ImageConfig, configBytes, `${path}: config`),
    configBytes,
    layers,
    root: store.root,
  };
}

function parseVeiled(path: string): DigestsFile {
  const bytes = readBytes(realpathSync(path), MAX_OWN_DOCUMENT);
  return checked(DigestsFile, parsed(bytes, path, decodeVeiled), path);
}
