/** Opens images in any form: their documents, and the bytes of each layer. */
import { statSync } from "node:fs";
import { plainBytes, unpack } from "../layer/bytes.ts";
import { layerAlgorithm } from "../layer/decompress.ts";
import { blobChunks, recipeChunks, type ChunkSource } from "./chunk-source.ts";
import { dockerImages, isDockerArchive } from "./docker-archive.ts";
import { archiveFiles, folderFiles, type Files } from "./files.ts";
import { describedForm, encodeIndex, formOf, indexPart, type FormName } from "./index-entries.ts";
import { blobName, ImageConfig, Index } from "../oci/documents.ts";
import { listImages, type ListedImage } from "./list-images.ts";
import { platformText, platformOf } from "../oci/platform.ts";
import { type ImageDirectory } from "./image-directory.ts";
import { ImageError } from "../oci/image-error.ts";
import { parseJson } from "../oci/json.ts";
import { sha256 } from "../oci/digest.ts";
import { LAYER_COMPRESSION } from "../oci/media-types.ts";
import { ownLayers } from "./make-documents.ts";

/** The images at one path. */
export interface AnyImages extends Disposable {
  /** The digest of the manifest, or of the index of several images; for a Docker archive, the config's. */
  digest: string;
  /** An image for each platform and form. */
  images: AnyImage[];
}

export interface AnyImage {
  digest: string;
  /** Such as `linux/amd64`. */
  platform: string;
  /** The form of an index entry: `zstd` if a layer is compressed with zstd. */
  form: FormName;
  configBytes: Buffer;
  /** The size of manifest and config, in bytes. */
  documents: number;
  /** Deepest first. */
  layers: AnyLayer[];
}

export interface AnyLayer {
  name: string;
  /** The digest in a registry; undefined in a Docker archive. */
  digest: string | undefined;
  /** The size of the layer in this form, in bytes. */
  size: number;
  /** The digest of the tar stream. */
  diffId: string;
  /** The tar stream. A piece is valid until the next one is requested. */
  stream: () => AsyncIterable<Buffer> | Iterable<Buffer>;
  /** Missing unless the layer is zstd:chunked. */
  chunks?: ChunkSource;
}

/** Opens the image directories of an image for several platforms, or a single image directory. */
export function directoryImages(images: ImageDirectory[]): AnyImages {
  return several(images.map(directoryImage), () => encodeIndex(images.map(indexPart)));
}

function directoryImage({ manifestBytes, config, configBytes, layers, root }: ImageDirectory): AnyImage {
  return {
    digest: sha256(manifestBytes),
    platform: platformText(platformOf(config)),
    form: formOf(layers.map(({ compression }) => compression.algorithm)),
    configBytes,
    documents: manifestBytes.length + configBytes.length,
    layers: layers.map((layer) => {
      const { name, digest, size, diffId, content, compression } = layer;
      const chunks = recipeChunks(layer, root);
      return {
        name,
        digest,
        size,
        diffId,
        stream: () => plainBytes(content, compression, root),
        ...(chunks && { chunks }),
      };
    }),
  };
}

/** An OCI layout or a Docker archive, as a folder or as a file. */
export async function fileImages(path: string): Promise<AnyImages> {
  const files = statSync(path).isDirectory() ? folderFiles(path) : await archiveFiles(path);
  try {
    if (files.has("oci-layout")) return layoutImages(files);
    if (isDockerArchive(files)) return archiveImages(files);
    throw new ImageError(`${path} is not an image directory, OCI layout, OCI archive or Docker archive`);
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
  // The digest of a layout that lists a single index is that index's digest.
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
    const chunks = blobChunks(layer.annotations, () => files.place(blobName(layer.digest)));
    return {
      name: names.get(i) ?? `layer ${i + 1}`,
      digest: layer.digest,
      size: layer.size,
      diffId: config.rootfs.diff_ids[i] ?? "",
      stream: () => {
        const name = blobName(layer.digest);
        return unpack(files.stream(name), { algorithm: layerAlgorithm(files.start(name, 4), algorithm) });
      },
      ...(chunks && { chunks }),
    };
  });
  return {
    digest,
    platform: platformText(platformOf(config)),
    form: describedForm(manifest.layers),
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
      form: formOf(layers.map(({ algorithm }) => algorithm)),
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
