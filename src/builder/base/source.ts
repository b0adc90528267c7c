/** Opens a base made elsewhere: a registry's blobs, an OCI layout, or an archive. */
import { realpathSync, statSync } from "node:fs";
import * as z from "zod/mini";
import { dockerImage, Entry, isDockerArchive, MANIFEST } from "../../image/docker-archive.ts";
import { archiveFiles, folderFiles, type Files } from "../../image/files.ts";
import { blobName, type Descriptor, ImageConfig, Index, Manifest } from "../../oci/documents.ts";
import { listImages } from "../../image/list-images.ts";
import { platformText } from "../../oci/platform.ts";
import { isImageDirectory, readBytes } from "../../image/image-directory.ts";
import { MAX_DOCUMENT } from "../../oci/documents.ts";
import { decompress, layerAlgorithm, sniff } from "../../layer/decompress.ts";
import type { Blob, Compression, Layer } from "../../layer/recipe.ts";
import { readRegularPart, streamRegular } from "../../util/regular-file.ts";
import { writeToFile } from "../../util/write-to-file.ts";
import { BuildError } from "../build-error.ts";
import { ImageError } from "../../oci/image-error.ts";
import { parseJson } from "../../oci/json.ts";
import { sha256 } from "../../oci/digest.ts";
import { LAYER_COMPRESSION } from "../../oci/media-types.ts";
import { messageOf } from "../../util/errors.ts";

export interface BaseLayer {
  blob: Blob;
  algorithm: Compression["algorithm"];
  /** The blob's digest in the manifest; undefined for a docker-archive. */
  digest: string | undefined;
  /** The layer's annotations in the manifest. */
  annotations?: Layer["annotations"];
}

export interface BaseImage {
  config: ImageConfig;
  /** Deepest first. */
  layers: BaseLayer[];
  /** Whether Nix has checked the digests of the blobs. */
  isChecked: boolean;
}

/** Paths of a registry's blobs in the store: the pinned manifest, its config, and its layers with digests of the lock. */
export const Pulled = z.object({
  manifest: z.string(),
  config: z.string(),
  layers: z.array(z.object({ digest: z.string(), file: z.string() })),
});
export type Pulled = z.infer<typeof Pulled>;

export function pulledBase({ manifest: file, config: configFile, layers }: Pulled): BaseImage {
  const manifest = parseJson(Manifest, readBytes(file, MAX_DOCUMENT), "the base's manifest");
  const config = parseJson(ImageConfig, readBytes(configFile, MAX_DOCUMENT), "the base's config");
  const pinned = JSON.stringify(layers.map(({ digest }) => digest));
  if (pinned !== JSON.stringify(manifest.layers.map(({ digest }) => digest))) {
    throw new BuildError(
      "imgc.lock has other layers than the manifest that it pins: pin the base again with `imgc lock --update`",
    );
  }
  return {
    config,
    isChecked: true,
    layers: manifest.layers.map((layer, i) => {
      const blob = { file: layers[i]?.file as string, offset: 0, size: layer.size };
      return { blob, algorithm: algorithmOf(layer, blob), digest: layer.digest, annotations: layer.annotations };
    }),
  };
}

/** Opens a layout or archive. `plain`: where to write the decompressed form of an archive that is compressed as a whole. */
export async function foundBase(path: string, label: string, platform: string, plain: string): Promise<BaseImage> {
  if (statSync(path).isDirectory()) {
    if (isImageDirectory(path)) {
      throw new BuildError(`${label} is an image directory of imgc: use its image with \`base image\` or \`base nix\``);
    }
    const files = folderFiles(path, label);
    if (!files.has("index.json")) throw new BuildError(`${label} is not an OCI layout: it has no index.json`);
    return layoutBase(files, label, platform);
  }
  const files = await archiveFiles(await unpacked(path, label, plain), label);
  if (files.has("index.json")) return layoutBase(files, label, platform);
  if (isDockerArchive(files)) return dockerBase(files, label);
  throw new BuildError(
    `${label} is not an image: it has neither index.json (oci-archive) nor manifest.json (docker-archive)`,
  );
}

async function unpacked(path: string, label: string, plain: string): Promise<string> {
  const real = realpathSync(path);
  if (!statSync(real).isFile()) throw new BuildError(`${label} is neither a file nor a folder`);
  const start = readRegularPart(real, 0, 4);
  if (start.toString("latin1", 0, 2) === "#!") {
    throw new BuildError(
      `${label} is a script, not an image: if it streams an image, use the function that builds the image instead`,
    );
  }
  const algorithm = sniff(start);
  if (algorithm === "none") return path;
  try {
    await writeToFile(decompress(streamRegular(real), algorithm), plain);
  } catch (error) {
    throw new BuildError(`${label} cannot be unpacked: ${messageOf(error)}`);
  }
  return plain;
}

function layoutBase(files: Files, label: string, platform: string): BaseImage {
  const { manifest, config } = chooseImage(imagesOf(files, files.read("index.json")), label, platform);
  const layers = manifest.layers.map((layer) => {
    const blob = files.place(blobName(layer.digest));
    if (blob.size !== layer.size) {
      throw new BuildError(
        `${files.where(blobName(layer.digest))} has ${blob.size} bytes, but ${layer.size} in the manifest`,
      );
    }
    return { blob, algorithm: algorithmOf(layer, blob), digest: layer.digest, annotations: layer.annotations };
  });
  return { config, layers, isChecked: false };
}

interface Image {
  manifest: Manifest;
  config: ImageConfig;
}

function chooseImage(images: Image[], label: string, platform: string): Image {
  const [only] = images;
  if (only === undefined) throw new BuildError(`${label} contains no image`);
  // The base action refuses an image for another platform.
  if (images.every(({ manifest }) => manifest.config.digest === only.manifest.config.digest)) return only;
  const fitting = images.filter(({ config }) => platformText(config) === platform);
  const [chosen, ...others] = fitting;
  // Forms of one image have one config. The first form is the one that every client can read.
  if (others.some(({ manifest }) => manifest.config.digest !== chosen?.manifest.config.digest))
    throw new BuildError(`${label} has several images for ${platform}; a base must be a single image`);
  if (chosen !== undefined) return chosen;
  const has = images.map(({ config }) => platformText(config)).join(", ");
  throw new BuildError(`${label} has no image for ${platform}; it has ${has}`);
}

function imagesOf(files: Files, bytes: Buffer): Image[] {
  const index = parseJson(Index, bytes, files.where("index.json"));
  return listImages(files, index, { read: (described) => checked(files, described) }).flatMap(({ manifest }) => {
    const where = files.where(blobName(manifest.config.digest));
    const config = parseJson(ImageConfig, checked(files, manifest.config), where);
    return config.os === "unknown" ? [] : [{ manifest, config }];
  });
}

function dockerBase(files: Files, label: string): BaseImage {
  const images = parseJson(z.array(Entry), files.read(MANIFEST), files.where(MANIFEST));
  const [image] = images;
  if (image === undefined || images.length > 1) {
    throw new BuildError(`${label} has ${images.length} images; a base must be a single image`);
  }
  const { config, layers: named } = dockerImage(files, image);
  const layers = named.map(({ name, algorithm }) => ({ blob: files.place(name), algorithm, digest: undefined }));
  return { config, layers, isChecked: false };
}

function checked(files: Files, { digest }: Descriptor): Buffer {
  const bytes = files.read(blobName(digest));
  if (sha256(bytes) === digest) return bytes;
  throw new BuildError(`${files.where(blobName(digest))} has the digest ${sha256(bytes)}, not the digest in its name`);
}

function algorithmOf({ mediaType, digest }: Descriptor, { file, offset }: Blob): Compression["algorithm"] {
  const algorithm = LAYER_COMPRESSION.get(mediaType);
  if (algorithm !== undefined) return layerAlgorithm(readRegularPart(file, offset, 4), algorithm);
  throw new ImageError(`the base's layer ${digest} has the media type ${mediaType}, which imgc cannot unpack`);
}
