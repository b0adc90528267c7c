/** Images wherever they lie: their documents, and the bytes of each layer for who wants to look inside. */
import { statSync } from "node:fs";
import { plainBytes, unpack } from "../layer/bytes.ts";
import { dockerImages, isDockerArchive } from "./docker-archive.ts";
import { archiveFiles, folderFiles, type Files } from "./files.ts";
import { encodeIndex, indexPart } from "./index-directory.ts";
import { blobName, ImageConfig, Index } from "../oci/documents.ts";
import { listImages, type ListedImage } from "./list-images.ts";
import { platformText, platformOf } from "../oci/platform.ts";
import { type ImageDirectory } from "./image-directory.ts";
import { ImageError } from "../oci/image-error.ts";
import { parseJson } from "../oci/json.ts";
import { sha256 } from "../oci/digest.ts";
import { LAYER_COMPRESSION } from "../oci/media-types.ts";
import { ownLayers } from "./make-documents.ts";

/** What was found at one place. */
export interface AnyImages extends Disposable {
  /** The manifest's, or the index's where there are several; of a Docker archive, which has neither, the config's. */
  digest: string;
  /** One for each platform. */
  images: AnyImage[];
}

export interface AnyImage {
  digest: string;
  /** As people write it: `linux/amd64`. */
  platform: string;
  configBytes: Buffer;
  /** Bytes of manifest and config. */
  documents: number;
  /** Deepest first. */
  layers: AnyLayer[];
}

export interface AnyLayer {
  name: string;
  /** What a registry knows the layer by; undefined in a Docker archive, of which it knows nothing. */
  digest: string | undefined;
  /** Bytes of it as it lies there. */
  size: number;
  /** Of the tar stream. */
  diffId: string;
  /** The tar stream. Pieces are valid until the next is asked for. */
  stream: () => AsyncIterable<Buffer> | Iterable<Buffer>;
}

/** Image directories that belong together. */
export function directoryImages(images: ImageDirectory[]): AnyImages {
  return several(images.map(directoryImage), () => encodeIndex(images.map(indexPart)));
}

function directoryImage({ manifestBytes, config, configBytes, layers, root }: ImageDirectory): AnyImage {
  return {
    digest: sha256(manifestBytes),
    platform: platformText(platformOf(config)),
    configBytes,
    documents: manifestBytes.length + configBytes.length,
    layers: layers.map(({ name, digest, size, diffId, content, compression }) => ({
      name,
      digest,
      size,
      diffId,
      stream: () => plainBytes(content, compression, root),
    })),
  };
}

/** An OCI layout or a Docker archive, as a folder or as a file. */
export async function fileImages(path: string): Promise<AnyImages> {
  const files = statSync(path).isDirectory() ? folderFiles(path) : await archiveFiles(path);
  try {
    if (files.has("oci-layout")) return layoutImages(files);
    if (isDockerArchive(files)) return archiveImages(files);
    throw new ImageError(`${path} is none of these: image directory, OCI layout, OCI archive, Docker archive`);
  } catch (error) {
    files[Symbol.dispose]();
    throw error;
  }
}

function layoutImages(files: Files): AnyImages {
  const bytes = files.read("index.json");
  const index = parseJson(Index, bytes, files.where("index.json"));
  const listed = listImages(files, index, { read: ({ digest }) => files.read(blobName(digest)) });
  const { manifests } = index;
  const found = several(
    listed.map((each) => layoutImage(files, each)),
    () => bytes,
  );
  // A layout of one index is that index.
  const [only, ...others] = manifests;
  const digest = only !== undefined && others.length === 0 ? only.digest : found.digest;
  return { ...found, digest, [Symbol.dispose]: () => files[Symbol.dispose]() };
}

function layoutImage(files: Files, { described: { digest, size }, manifest }: ListedImage): AnyImage {
  const configName = blobName(manifest.config.digest);
  const configBytes = files.read(configName);
  const config = parseJson(ImageConfig, configBytes, files.where(configName));
  const names = ownLayers(config);
  const layers = manifest.layers.map((layer, i) => {
    const algorithm = LAYER_COMPRESSION.get(layer.mediaType) ?? "none";
    return {
      name: names.get(i) ?? `layer ${i + 1}`,
      digest: layer.digest,
      size: layer.size,
      diffId: config.rootfs.diff_ids[i] ?? "",
      stream: () => unpack(files.stream(blobName(layer.digest)), { algorithm }),
    };
  });
  return {
    digest,
    platform: platformText(platformOf(config)),
    configBytes,
    documents: size + configBytes.length,
    layers,
  };
}

function archiveImages(files: Files): AnyImages {
  const images = dockerImages(files).map(({ digest, bytes, config, layers }): AnyImage => {
    const names = ownLayers(config);
    return {
      digest,
      platform: platformText(platformOf(config)),
      configBytes: bytes,
      documents: bytes.length,
      layers: layers.map(({ name, algorithm }, i) => ({
        name: names.get(i) ?? `layer ${i + 1}`,
        digest: undefined,
        size: files.place(name).size,
        diffId: config.rootfs.diff_ids[i] ?? "",
        stream: () => unpack(files.stream(name), { algorithm }),
      })),
    };
  });
  return { ...several(images, () => files.read("manifest.json")), [Symbol.dispose]: () => files[Symbol.dispose]() };
}

function several(images: AnyImage[], index: () => Buffer): AnyImages {
  const [only, ...others] = images;
  const digest = only !== undefined && others.length === 0 ? only.digest : sha256(index());
  return { digest, images, [Symbol.dispose]: () => {} };
}
