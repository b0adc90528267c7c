/** The images of an untrusted OCI layout: indexes may nest, contain themselves, or list other artifacts. */
import type { Files } from "./files.ts";
import { ImageError } from "../oci/image-error.ts";
import { parseJson } from "../oci/json.ts";
import { blobName, type Described, Index, isImage, Manifest } from "../oci/documents.ts";
import { MAX_LAYERS } from "./image-directory.ts";
import { MAX_DOCUMENT } from "../oci/documents.ts";
import { INDEX_TYPES, isManifestType } from "../oci/media-types.ts";

/** Limit of nested indexes. Tools write two levels. */
const MAX_NESTING = 8;
/** Limit of entries in all indexes. */
const MAX_ENTRIES = 10_000;

export interface ListedImage {
  described: Described;
  manifest: Manifest;
}

export interface ListOptions {
  /** Reads an index or a manifest, and checks it if the caller needs that. */
  read: (described: Described, kind: "index" | "manifest") => Buffer;
  onIndex?: (index: Index, described: Described) => void;
  /** Called for each entry that is not an image, such as a signature or a bill of materials. Only some have a manifest. */
  onOther?: (described: Described, manifest: Manifest | undefined) => void;
}

/** The images in the order of the indexes, without duplicates. */
export function listImages(files: Files, top: Index, { read, onIndex, onOther }: ListOptions): ListedImage[] {
  const images: ListedImage[] = [];
  const seen = new Set<string>();
  let entries = 0;
  const list = ({ manifests }: Index, depth: number): void => {
    if (depth > MAX_NESTING)
      throw new ImageError(`${files.where("index.json")} nests indexes more than ${MAX_NESTING} deep`);
    for (const described of manifests) {
      if (++entries > MAX_ENTRIES)
        throw new ImageError(`${files.where("index.json")} lists more than ${MAX_ENTRIES} entries`);
      if (seen.has(described.digest)) continue;
      seen.add(described.digest);
      const where = files.where(blobName(described.digest));
      if (INDEX_TYPES.includes(described.mediaType)) {
        const index = parseJson(Index, read(described, "index"), `the index ${where}`);
        onIndex?.(index, described);
        list(index, depth + 1);
      } else if (isManifestType(described.mediaType) || isImageManifest(files, described)) {
        const manifest = parseJson(Manifest, read(described, "manifest"), `the manifest ${where}`);
        if (!isImage(manifest, described)) onOther?.(described, manifest);
        else if (manifest.layers.length <= MAX_LAYERS) images.push({ described, manifest });
        else
          throw new ImageError(
            `the manifest ${where} has ${manifest.layers.length} layers, more than the limit of ${MAX_LAYERS}`,
          );
      } else onOther?.(described, undefined);
    }
  };
  list(top, 1);
  return images;
}

/** Whether an entry of an unknown type is an image. */
function isImageManifest(files: Files, described: Described): boolean {
  if (described.size > MAX_DOCUMENT) return false;
  try {
    const name = blobName(described.digest);
    return isImage(parseJson(Manifest, files.read(name), name), described);
  } catch (error) {
    if (error instanceof ImageError) return false;
    throw error;
  }
}
