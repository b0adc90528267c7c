/** An image as others keep it in files: an OCI layout (as a folder or in a tar), or what `docker save` writes. */
import { encodeHeader, padding, TRAILER } from "../layer/tar.ts";
import { checksumLines, SHA256SUMS } from "./checksums.ts";
import type { ImageFile } from "./image-file.ts";
import { descriptor, encode, INDEX_TYPE, sha256 } from "./oci.ts";

export type Called = Pick<ImageFile, "name" | "tag">;

/** An image and where the bytes of its layers come from. */
export interface ExportImage {
  file: ImageFile;
  mediaType: string;
  manifest: Buffer;
  config: Buffer;
  /** Deepest first, as the form has them: compressed for OCI's, plain for Docker's. */
  layers: ExportLayer[];
}

export interface ExportLayer {
  digest: string;
  size: number;
  /** Fails where they are not what the digest says. A piece is valid until the next is asked for. */
  bytes: () => AsyncIterable<Uint8Array>;
}

export interface ExportFile {
  name: string;
  size: number;
  bytes: Buffer | (() => AsyncIterable<Uint8Array>);
}

/** Files of an OCI layout (image-spec, image-layout.md), in the order that a stream has them. */
export function layoutFiles({ file, mediaType, manifest, config, layers }: ExportImage): ExportFile[] {
  const blob = (digest: string) => `blobs/sha256/${hex(digest)}`;
  return [
    ...documents(layoutDocuments(file, mediaType, manifest)),
    ...[manifest, config].map((bytes) => document(blob(sha256(bytes)), bytes)),
    ...once(layers).map(({ digest, size, bytes }) => ({ name: blob(digest), size, bytes })),
  ];
}

/** What a layout has beside its blobs. */
export function layoutDocuments(file: ImageFile, mediaType: string, manifest: Buffer): Map<string, Buffer> {
  return withChecksums([["image.json", encode(file)], ...namedManifest(file, mediaType, manifest)]);
}

/** The same for one that is for several platforms. */
export function indexLayoutDocuments(called: Called, index: Buffer): Map<string, Buffer> {
  return withChecksums(namedManifest(called, INDEX_TYPE, index));
}

function namedManifest(called: Called, mediaType: string, manifest: Buffer): [string, Buffer][] {
  return [
    ["index.json", namingIndex(called, mediaType, manifest)],
    ["oci-layout", encode({ imageLayoutVersion: "1.0.0" })],
  ];
}

/** The index of a layout, which leads to the one image that is in it. */
export function namingIndex({ name, tag }: Called, mediaType: string, manifest: Buffer): Buffer {
  // The reference's name is the tag, the full name is what containerd and podman read.
  const annotations = { "org.opencontainers.image.ref.name": tag, "io.containerd.image.name": `${name}:${tag}` };
  return encode({
    schemaVersion: 2,
    mediaType: INDEX_TYPE,
    manifests: [{ ...descriptor(mediaType, manifest), annotations }],
  });
}

/** Files of a docker-archive: the config and the plain layers by their digests, and a list that names them. */
export function dockerFiles({
  file,
  config,
  layers,
}: Pick<ExportImage, "config" | "layers"> & { file: ImageFile | Called }): ExportFile[] {
  const layerName = ({ digest }: ExportLayer) => `${hex(digest)}.tar`;
  const configName = `${hex(sha256(config))}.json`;
  const image = { Config: configName, RepoTags: [`${file.name}:${file.tag}`], Layers: layers.map(layerName) };
  const listed = withChecksums([
    ...("imgc" in file ? [["image.json", encode(file)] as [string, Buffer]] : []),
    ["manifest.json", encode([image])],
  ]);
  return [
    ...documents(listed),
    document(configName, config),
    ...once(layers).map((layer) => ({ name: layerName(layer), size: layer.size, bytes: layer.bytes })),
  ];
}

/** A tar of the files, all of it a function of them. Pieces are valid until the next is asked for. */
export async function* tarOf(files: ExportFile[]): AsyncGenerator<Uint8Array> {
  for (const { name, size, bytes } of files) {
    yield encodeHeader({ kind: "file", name: Buffer.from(name), mode: 0o644, uid: 0, gid: 0, size });
    if (Buffer.isBuffer(bytes)) yield bytes;
    else yield* bytes();
    yield TRAILER.subarray(0, padding(size));
  }
  yield TRAILER;
}

/** Blobs are named after their digests; these are not. */
function withChecksums(files: [string, Buffer][]): Map<string, Buffer> {
  return new Map([...files, [SHA256SUMS, Buffer.from(checksumLines(files))]]);
}

function documents(files: Map<string, Buffer>): ExportFile[] {
  return [...files].map(([name, bytes]) => document(name, bytes));
}

function document(name: string, bytes: Buffer): ExportFile {
  return { name, size: bytes.length, bytes };
}

/** Two layers of the same bytes are one file. */
function once(layers: ExportLayer[]): ExportLayer[] {
  return [...new Map(layers.map((layer) => [layer.digest, layer])).values()];
}

function hex(digest: string): string {
  return digest.slice("sha256:".length);
}
