/** The entries of an index (image-spec, image-index.md), one for each platform and form of an image. */
import { encode, Manifest, type Descriptor, type Platform } from "../oci/documents.ts";
import { sha256 } from "../oci/digest.ts";
import { parseJson } from "../oci/json.ts";
import type { Compression } from "../layer/recipe.ts";
import { INDEX_TYPE, LAYER_COMPRESSION } from "../oci/media-types.ts";
import { platformOf, platformText } from "../oci/platform.ts";
import type { ImageDirectory } from "./image-directory.ts";

export interface IndexPart {
  mediaType: string;
  digest: string;
  size: number;
  platform: Platform;
  annotations?: Record<string, string> | undefined;
}

/**
 * Marks an entry whose layers are compressed with zstd. skopeo and podman write this annotation, and since skopeo 1.18 they
 * refuse to copy an index without it if digests must be preserved.
 */
const ZSTD_ENTRY = { "io.github.containers.compression.zstd": "true" };

export function encodeIndex(manifests: IndexPart[]): Buffer {
  return encode({ schemaVersion: 2, mediaType: INDEX_TYPE, manifests });
}

/** The index entry of an image. */
export function indexPart({ manifestBytes, config }: ImageDirectory): IndexPart {
  return indexEntry(manifestBytes, platformOf(config));
}

/** The index entry of an image, from its manifest. */
export function indexEntry(manifestBytes: Buffer, platform: Platform): IndexPart {
  const { mediaType = "", layers } = parseJson(Manifest, manifestBytes, "the manifest");
  return {
    mediaType,
    digest: sha256(manifestBytes),
    size: manifestBytes.length,
    platform,
    ...(describedForm(layers) === "zstd" ? { annotations: ZSTD_ENTRY } : {}),
  };
}

/** The form of an image, from the compressions of its layers. */
export function formOf(algorithms: readonly (Compression["algorithm"] | undefined)[]): FormName {
  return algorithms.includes("zstd") ? "zstd" : "gzip";
}

/** The form of an image, from the layers in its manifest. */
export function describedForm(layers: readonly Pick<Descriptor, "mediaType">[]): FormName {
  return formOf(layers.map(({ mediaType }) => LAYER_COMPRESSION.get(mediaType)));
}

/** The index entry after its manifest was replaced: marks zstd layers, and keeps the other members and annotations. */
export function replacedEntry<E extends { annotations?: Record<string, string> | undefined }>(
  entry: E,
  manifestBytes: Buffer,
  platform: Platform,
): E {
  const { annotations: mark, digest, size } = indexEntry(manifestBytes, platform);
  const kept = Object.entries(entry.annotations ?? {}).filter(([name]) => mark !== undefined || !(name in ZSTD_ENTRY));
  const annotations = { ...Object.fromEntries(kept), ...mark };
  const { annotations: _, ...rest } = { ...entry, digest, size };
  return { ...rest, ...(Object.keys(annotations).length > 0 ? { annotations } : {}) } as E;
}

/** Whether the layers of an entry are compressed with zstd. */
function isZstdPart({ annotations = {} }: IndexPart): boolean {
  return Object.entries(ZSTD_ENTRY).every(([name, value]) => annotations[name] === value);
}

/** The name of one of an image's two forms: the compression of its layers. */
export type FormName = "gzip" | "zstd";

/** The form of an image, if its index lists two forms for the image's platform. */
export function formIn(parts: readonly IndexPart[], part: IndexPart): FormName | undefined {
  const platform = platformText(part.platform);
  const isOnly = parts.filter((each) => platformText(each.platform) === platform).length === 1;
  return isOnly ? undefined : isZstdPart(part) ? "zstd" : "gzip";
}

/** The name of an image among the images of its index: its platform, and its form if the platform has two. */
export function partName(platform: string, form: FormName | undefined): string {
  return [platform, form === undefined ? "" : `${form} form`].filter((text) => text !== "").join(", ");
}

/** The platforms of an index, each once. */
export function platformsOf(parts: readonly Pick<IndexPart, "platform">[]): string[] {
  return [...new Set(parts.map(({ platform }) => platformText(platform)))];
}
