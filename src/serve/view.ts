/** An image directory as a registry serves it: its documents, and its layers as blobs made on request. */
import { isExact } from "../layer/bytes.ts";
import { compressorName } from "../layer/compress.ts";
import { encode, type Manifest } from "../oci/documents.ts";
import { encodeIndex, indexEntry } from "../image/index-entries.ts";
import { withKeptBlobs } from "../image/kept-blobs.ts";
import { type ImageDirectory } from "../image/image-directory.ts";
import type { Layer } from "../layer/recipe.ts";
import type { LayerBlob } from "./layer-blob.ts";
import { ImageError } from "../oci/image-error.ts";
import { sha256 } from "../oci/digest.ts";
import { INDEX_TYPE, LAYER_COMPRESSION } from "../oci/media-types.ts";
import { splitHost } from "../oci/reference.ts";

/** A manifest, index or config. */
export interface Document {
  mediaType: string;
  digest: string;
  bytes: Buffer;
}

export type Blob = Document | LayerBlob;

export interface View {
  /** The image's repository (its name without a host), and its tag. */
  repository: string;
  tag: string;
  platform: { os: string; architecture: string; variant?: string };
  manifest: Document;
  /** If `manifest` is an index: the manifests in it. */
  parts: Document[];
  /** By digest; two layers may share a blob. */
  blobs: Map<string, Blob>;
}

export function viewOf(image: ImageDirectory): View {
  requireListed(image);
  return makeView(image, image.manifest, image.manifestBytes, image.layers, false);
}

/** Like `viewOf`, but throws if a layer must be recompressed: clients expect the digest of the built manifest. */
export function viewForServe(built: ImageDirectory): View {
  const image = withKeptBlobs(built);
  const [foreign] = foreignLayers(image);
  if (foreign === undefined) return viewOf(image);
  throw new ImageError(
    `${image.path} was compressed by ${foreign.compressor}, but ${compressorName(foreign.compression)} of this Node.js ` +
      `may make other bytes; run imgc with the Node.js that built the image, or use \`imgc push\` or \`imgc load\``,
  );
}

/**
 * The image with uncompressed layers, for an engine on this machine, which would have to decompress the layers anyway.
 */
export function plainView(image: ImageDirectory): View {
  requireListed(image);
  const layers = image.manifest.layers.map((descriptor, i) => {
    const { diffId, diffSize } = image.layers[i] as Layer;
    // The annotations of a zstd:chunked layer describe its compressed form.
    const { annotations: _, ...plain } = descriptor;
    return { ...plain, mediaType: plainType(descriptor.mediaType), digest: diffId, size: diffSize };
  });
  const manifest = { ...image.manifest, layers };
  return makeView(image, manifest, encode(manifest), image.layers, true);
}

/** Throws if manifest, config and layers list different layers, as in a damaged image directory. */
function requireListed({ path, manifest, config, configBytes, layers }: ImageDirectory): void {
  const [digests, diffIds] = [manifest.layers.map(({ digest }) => digest), config.rootfs.diff_ids];
  const isListed =
    manifest.config.digest === sha256(configBytes) &&
    [digests.length, diffIds.length].every((length) => length === layers.length) &&
    layers.every(({ digest, diffId }, i) => digest === digests[i] && diffId === diffIds[i]);
  if (!isListed)
    throw new ImageError(`${path}: manifest, config and layers do not fit together; \`imgc verify\` says where`);
}

/** The image with its layers recompressed by this runtime's compressor. */
export function recompressedView(image: ImageDirectory, recompressed: Layer[]): View {
  const layers = image.manifest.layers.map((descriptor, i) => {
    const { digest, size, annotations } = recompressed[i] as Layer;
    return { ...descriptor, digest, size, ...(annotations === undefined ? {} : { annotations }) };
  });
  const manifest = { ...image.manifest, layers };
  return makeView(image, manifest, encode(manifest), recompressed, false);
}

/** The layers whose compressed bytes this runtime may not be able to make. */
export function foreignLayers(image: ImageDirectory): Layer[] {
  return image.layers.filter((layer) => !isExact(layer));
}

export function isLayer(blob: Blob): blob is LayerBlob {
  return "layer" in blob;
}

function makeView(image: ImageDirectory, manifest: Manifest, bytes: Buffer, layers: Layer[], plain: boolean): View {
  const narHashes = new Map(image.file.closure.map(({ path, narHash }) => [path, narHash]));
  const config: Document = {
    mediaType: manifest.config.mediaType,
    digest: manifest.config.digest,
    bytes: image.configBytes,
  };
  const blobs = new Map<string, Blob>([[config.digest, config]]);
  for (const [i, layer] of layers.entries()) {
    const [digest, size] = plain ? [layer.diffId, layer.diffSize] : [layer.digest, layer.size];
    const hashes = layer.content.paths.map((path) => [path, narHashes.get(path) ?? ""]);
    const { root } = image;
    const title = `layer ${i + 1} (${layer.name})`;
    blobs.set(digest, { title, layer, plain, digest, size, root, narHashes: Object.fromEntries(hashes) });
  }
  const { os, architecture } = image.config;
  const { variant } = image.config;
  return {
    repository: splitHost(image.file.name).repository,
    tag: image.file.tag,
    platform: { os, architecture, ...(typeof variant === "string" ? { variant } : {}) },
    manifest: { mediaType: manifest.mediaType ?? "", digest: sha256(bytes), bytes },
    parts: [],
    blobs,
  };
}

/** One image for several platforms: an index of their manifests. */
export function indexView(views: [View, ...View[]], tag: string): View {
  const bytes = encodeIndex(views.map(({ manifest, platform }) => indexEntry(manifest.bytes, platform)));
  return {
    ...views[0],
    tag,
    manifest: { mediaType: INDEX_TYPE, digest: sha256(bytes), bytes },
    parts: views.map(({ manifest }) => manifest),
    blobs: new Map(views.flatMap(({ blobs }) => [...blobs])),
  };
}

function plainType(mediaType: string): string {
  const kind = [...LAYER_COMPRESSION].filter(([, algorithm]) => algorithm === "none").map(([type]) => type);
  return kind.find((type) => mediaType.startsWith(type)) ?? mediaType;
}
