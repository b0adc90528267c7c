/**
 * An image's digests, format 3: the documents of its directory (image-file.ts) in one file with masked store paths. With this
 * file, a push fetches the store paths of only those layers that the registry lacks.
 */
import { existsSync, realpathSync, statSync } from "node:fs";
import * as z from "zod/mini";
import { formatVersion } from "../layer/format-version.ts";
import { Layer } from "../layer/recipe.ts";
import { ImageFile } from "./image-file.ts";
import { ImageConfig, Manifest } from "../oci/documents.ts";
import { checked, parsed, parseJson } from "../oci/json.ts";
import { MAX_OWN_DOCUMENT, readBytes, requireSources, storeRoot, type ImageDirectory } from "./image-directory.ts";
import { decodeMasked } from "../store/masked-json.ts";

export const DigestsFile = z.strictObject({
  imgcDigests: formatVersion(3),
  image: ImageFile,
  /** The exact text of the documents, of which their digests are computed. */
  manifest: z.string(),
  config: z.string(),
  /** Deepest first. */
  layers: z.array(Layer),
});
export type DigestsFile = z.infer<typeof DigestsFile>;

/** Whether a path is probably a digests file, by its name. */
export function isDigestsFile(path: string): boolean {
  return existsSync(path) && statSync(path).isFile() && realpathSync(path).endsWith("-digests.json");
}

/** Reads the file in the form of an image directory. */
export function readDigests(path: string): ImageDirectory {
  const { image, manifest, config, layers } = parseMasked(path);
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

function parseMasked(path: string): DigestsFile {
  const bytes = readBytes(realpathSync(path), MAX_OWN_DOCUMENT);
  return checked(DigestsFile, parsed(bytes, path, decodeMasked), path);
}
