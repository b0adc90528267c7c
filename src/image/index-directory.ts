/**
 * A directory of an image for several platforms, in two forms, or both:
 *
 *     index.json     the index, byte for byte as a registry gets it (image-spec, image-index.md)
 *     images/NNN     image directories (image-file.ts), in the order of the index; relative links to other store paths
 *     SHA256SUMS     the checksum of the index
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod/mini";
import { Descriptor, encode, Manifest, Platform } from "../oci/documents.ts";
import { platformOf, platformText } from "../oci/platform.ts";
import { ImageFolder } from "./image-folder.ts";
import { readBytes, readImageDirectory, type ImageDirectory } from "./image-directory.ts";
import { MAX_DOCUMENT } from "../oci/documents.ts";
import { parseJson } from "../oci/json.ts";
import { toHex, sha256 } from "../oci/digest.ts";
import { INDEX_TYPE, LAYER_COMPRESSION } from "../oci/media-types.ts";

export interface IndexPart {
  mediaType: string;
  digest: string;
  size: number;
  platform: Platform;
  annotations?: Record<string, string> | undefined;
}

export interface IndexDirectory {
  path: string;
  bytes: Buffer;
  parts: IndexPart[];
  images: ImageDirectory[];
}

/**
 * Marks an entry whose layers are compressed with zstd. skopeo and podman write this annotation, and since skopeo 1.18 they
 * refuse to copy an index without it if digests must be preserved.
 */
const ZSTD_ENTRY = { "io.github.containers.compression.zstd": "true" };

const Index = z.strictObject({
  schemaVersion: z.literal(2),
  mediaType: z.literal(INDEX_TYPE),
  manifests: z.array(
    z.extend(Descriptor, { platform: Platform, annotations: z.optional(z.record(z.string(), z.string())) }),
  ),
});

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
  const isZstd = layers.some((layer) => LAYER_COMPRESSION.get(layer.mediaType) === "zstd");
  return {
    mediaType,
    digest: sha256(manifestBytes),
    size: manifestBytes.length,
    platform,
    ...(isZstd ? { annotations: ZSTD_ENTRY } : {}),
  };
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
  return form === undefined ? platform : `${platform}, ${form} form`;
}

/** The platforms of an index, each once. */
export function platformsOf(parts: readonly Pick<IndexPart, "platform">[]): string[] {
  return [...new Set(parts.map(({ platform }) => platformText(platform)))];
}

export function isIndexDirectory(path: string): boolean {
  return existsSync(join(path, "index.json")) && existsSync(join(path, "images"));
}

/** The image directories of an image for several platforms or in two forms; for any other path, the path itself. */
export function partsOf(path: string): string[] {
  if (!isIndexDirectory(path)) return [path];
  const folder = new ImageFolder(path);
  return folder.list("images").map((name) => {
    // Checks the link's target; the link itself is kept, since its target changes with the next build.
    folder.place(join("images", name));
    return join(path, "images", name);
  });
}

export function readIndexDirectory(path: string): IndexDirectory {
  const bytes = readBytes(new ImageFolder(path).file("index.json"), MAX_DOCUMENT);
  const { manifests } = parseJson(Index, bytes, join(path, "index.json"));
  return { path, bytes, parts: manifests, images: partsOf(path).map(readImageDirectory) };
}

/** The tag of an index: a prefix of the index's digest if the first image's tag is a prefix of its manifest's digest. */
export function indexTag(bytes: Buffer, [first]: ImageDirectory[]): string {
  return first === undefined
    ? ""
    : tagOfIndex(sha256(bytes), { tag: first.file.tag, digest: sha256(first.manifestBytes) });
}

/** The default tag of the images of one index: that of the index, or of the only image. */
export function defaultTag(images: ImageDirectory[]): string {
  const [first, ...others] = images as [ImageDirectory];
  return others.length === 0 ? first.file.tag : indexTag(encodeIndex(images.map(indexPart)), images);
}

/** `first`: the tag of the first image, and the digest of its manifest. */
export function tagOfIndex(index: string, first: { tag: string; digest: string }): string {
  const hash = (digest: string) => toHex(digest).slice(0, 32);
  return hash(first.digest) === first.tag ? hash(index) : first.tag;
}
