/** Makes the files of an OCI layout (as a folder or in a tar), and of a Docker archive. */
import { encodeHeader, padding, TRAILER } from "../layer/tar.ts";
import { checksumLines, SHA256SUMS } from "./checksums.ts";
import { encodeImageFile, IMAGE_FILE, type ImageFile, imageText, IMAGES_FILE } from "./image-file.ts";
import { encodeIndex, indexEntry } from "./index-entries.ts";
import { tagOfIndex } from "./index-tag.ts";
import { descriptor, encode, ImageConfig } from "../oci/documents.ts";
import { parseJson } from "../oci/json.ts";
import { platformOf } from "../oci/platform.ts";
import { toHex, sha256 } from "../oci/digest.ts";
import { INDEX_TYPE } from "../oci/media-types.ts";

export type Called = Pick<ImageFile, "name" | "tag">;

/** An image, with functions that make the bytes of its layers. */
export interface ExportImage {
  file: ImageFile;
  mediaType: string;
  manifest: Buffer;
  config: Buffer;
  /** Deepest first: compressed for an OCI layout, uncompressed for a Docker archive. */
  layers: ExportLayer[];
  /** Further forms of the image. A layout lists an index of all forms; a Docker archive has only this form. */
  otherForms?: ExportImage[];
}

export interface ExportLayer {
  digest: string;
  size: number;
  /** Throws if the bytes do not have the digest. A piece is valid until the next one is requested. */
  bytes: () => AsyncIterable<Uint8Array>;
}

export interface ExportFile {
  name: string;
  size: number;
  bytes: Buffer | (() => AsyncIterable<Uint8Array>);
}

/** The files of an OCI layout (image-spec, image-layout.md), in the order of a stream; each blob once. */
export function layoutFiles(images: ExportImage[]): ExportFile[] {
  const blob = (digest: string) => `blobs/sha256/${toHex(digest)}`;
  const all = images.flatMap(formsOf);
  const tops = images.map(topOf);
  const indexes = tops.flatMap(({ mediaType, manifest }) => (mediaType === INDEX_TYPE ? [manifest] : []));
  const own = [...indexes, ...all.flatMap(({ manifest, config }) => [manifest, config])];
  return once([
    ...documents(layoutDocuments(tops)),
    ...own.map((bytes) => document(blob(sha256(bytes)), bytes)),
    ...layersOf(all).map(({ digest, size, bytes }) => ({ name: blob(digest), size, bytes })),
  ]);
}

function formsOf(image: ExportImage): ExportImage[] {
  return [image, ...(image.otherForms ?? [])];
}

/** The manifest of an image, or the index of its forms. */
function topOf(image: ExportImage): Top {
  const { file, mediaType, manifest } = image;
  const forms = formsOf(image);
  if (forms.length === 1) return { file, mediaType, manifest };
  const platform = platformOf(parseJson(ImageConfig, image.config, "the config"));
  const index = encodeIndex(forms.map((each) => indexEntry(each.manifest, platform)));
  const tag = tagOfIndex(sha256(index), { tag: file.tag, digest: sha256(manifest) });
  return { file: { ...file, tag }, mediaType: INDEX_TYPE, manifest: index };
}

/** A manifest or index that a layout lists with a name. */
export type Top = Pick<ExportImage, "file" | "mediaType" | "manifest">;

/** The files of a layout other than blobs. */
export function layoutDocuments(tops: Top[]): Map<string, Buffer> {
  const named = tops.map(({ file, mediaType, manifest }) => ({ called: file, mediaType, manifest }));
  return withChecksums([describing(tops.map(({ file }) => file)), ...namedManifests(named)]);
}

/** The files of a layout other than blobs, for one image for several platforms. */
export function indexLayoutDocuments(called: Called, index: Buffer): Map<string, Buffer> {
  return withChecksums(namedManifests([{ called, mediaType: INDEX_TYPE, manifest: index }]));
}

function namedManifests(images: NamedManifest[]): [string, Buffer][] {
  return [
    ["index.json", namingIndex(images)],
    ["oci-layout", encode({ imageLayoutVersion: "1.0.0" })],
  ];
}

export interface NamedManifest {
  called: Called;
  mediaType: string;
  manifest: Buffer;
}

/** The index of a layout, which lists its images with their names. */
export function namingIndex(images: NamedManifest[]): Buffer {
  const manifests = images.map(({ called, mediaType, manifest }) => {
    const fullName = fullNameOf(called);
    // skopeo finds an image by the reference's name: the tag, unless several images may have the same tag. containerd and
    // podman read the full name.
    const annotations = {
      "org.opencontainers.image.ref.name": images.length === 1 ? called.tag : fullName,
      "io.containerd.image.name": fullName,
    };
    return { ...descriptor(mediaType, manifest), annotations };
  });
  return encode({ schemaVersion: 2, mediaType: INDEX_TYPE, manifests });
}

/** The files of a Docker archive: configs and uncompressed layers named after their digests, each once, and manifest.json. */
export function dockerFiles(
  images: (Pick<ExportImage, "config" | "layers"> & { file: ImageFile | Called })[],
): ExportFile[] {
  const layerName = ({ digest }: ExportLayer) => `${toHex(digest)}.tar`;
  const configName = (config: Buffer) => `${toHex(sha256(config))}.json`;
  const entries = images.map(({ file, config, layers }) => ({
    Config: configName(config),
    RepoTags: [fullNameOf(file)],
    Layers: layers.map(layerName),
  }));
  const own = images.flatMap(({ file }) => ("imgc" in file ? [file] : []));
  const listed = withChecksums([...(own.length > 0 ? [describing(own)] : []), ["manifest.json", encode(entries)]]);
  return once([
    ...documents(listed),
    ...images.map(({ config }) => document(configName(config), config)),
    ...layersOf(images).map((layer) => ({ name: layerName(layer), size: layer.size, bytes: layer.bytes })),
  ]);
}

/** imgc's own description of the images, which other tools ignore. */
function describing(files: ImageFile[]): [string, Buffer] {
  const [only, ...others] = files;
  return only !== undefined && others.length === 0
    ? [IMAGE_FILE, encodeImageFile(only)]
    : [IMAGES_FILE, encode(files.map((file) => imageText(file)))];
}

/** The reference for registries and engines. */
export function fullNameOf({ name, tag }: Called): string {
  return `${name}:${tag}`;
}

/** A tar stream that is a pure function of the files. A piece is valid until the next one is requested. */
export async function* tarOf(files: ExportFile[]): AsyncGenerator<Uint8Array> {
  for (const { name, size, bytes } of files) {
    yield encodeHeader({ kind: "file", name: Buffer.from(name), mode: 0o644, uid: 0, gid: 0, size });
    if (Buffer.isBuffer(bytes)) yield bytes;
    else yield* bytes();
    yield TRAILER.subarray(0, padding(size));
  }
  yield TRAILER;
}

/** Adds SHA256SUMS for the files that are not named after their digests. */
function withChecksums(files: [string, Buffer][]): Map<string, Buffer> {
  return new Map([...files, [SHA256SUMS, Buffer.from(checksumLines(files))]]);
}

function documents(files: Map<string, Buffer>): ExportFile[] {
  return [...files].map(([name, bytes]) => document(name, bytes));
}

function document(name: string, bytes: Buffer): ExportFile {
  return { name, size: bytes.length, bytes };
}

function layersOf(images: Pick<ExportImage, "layers">[]): ExportLayer[] {
  return images.flatMap(({ layers }) => layers);
}

/** Each name once: files with the same name have the same bytes. */
function once(files: ExportFile[]): ExportFile[] {
  return [...new Map(files.map((file) => [file.name, file])).values()];
}
