/** Where the image that lies below another comes from: a registry's blobs, an OCI layout, or an archive of either kind. */
import { createWriteStream, realpathSync, statSync } from "node:fs";
import { pipeline } from "node:stream/promises";
import * as z from "zod/mini";
import { dockerImage, Entry, isDockerArchive, MANIFEST } from "../../image/docker-archive.ts";
import { archiveFiles, folderFiles, type Files } from "../../image/files.ts";
import {
  blobName,
  type Descriptor,
  ImageConfig,
  Index,
  LAYER_COMPRESSION,
  Manifest,
  sha256,
} from "../../oci/documents.ts";
import { listImages } from "../../image/list-images.ts";
import { platformName } from "../../oci/platform.ts";
import { isImageDirectory, MAX_DOCUMENT, readBytes } from "../../image/image-directory.ts";
import { decompress, sniff } from "../../layer/decompress.ts";
import type { Blob, Compression } from "../../layer/recipe.ts";
import { readRegularPart, streamRegular } from "../../util/regular-file.ts";
import { BuildError, reason } from "../attributes.ts";
import { ImageError } from "../../oci/image-error.ts";
import { parseJson } from "../../oci/json.ts";

export interface BaseLayer {
  blob: Blob;
  algorithm: Compression["algorithm"];
  /** What the manifest says of the blob; unknown in an archive without one. */
  digest: string | undefined;
}

export interface BaseImage {
  config: ImageConfig;
  /** Deepest first. */
  layers: BaseLayer[];
  /** Whether Nix has checked that the blobs have their digests. */
  isChecked: boolean;
}

/** Store files of a registry's blobs: the manifest that was pinned, and what the lock says that it names. */
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
      "imgc.lock has other layers than the manifest it pins: `imgc lock --update` pins the base again",
    );
  }
  return {
    config,
    isChecked: true,
    layers: manifest.layers.map((layer, i) => {
      const place = { file: layers[i]?.file as string, offset: 0, size: layer.size };
      return { blob: place, algorithm: algorithmOf(layer), digest: layer.digest };
    }),
  };
}

/** `plain`: where an archive that is compressed as a whole is kept unpacked. */
export async function foundBase(path: string, shown: string, platform: string, plain: string): Promise<BaseImage> {
  if (statSync(path).isDirectory()) {
    if (isImageDirectory(path)) {
      throw new BuildError(
        `${shown} is an image directory of imgc: name its image with \`base image\` or \`base nix\``,
      );
    }
    const files = folderFiles(path);
    if (!files.has("index.json")) throw new BuildError(`${shown} is no OCI layout: it has no index.json`);
    return layoutBase(files, shown, platform);
  }
  const files = await archiveFiles(await unpacked(path, shown, plain));
  if (files.has("index.json")) return layoutBase(files, shown, platform);
  if (isDockerArchive(files)) return dockerBase(files, shown);
  throw new BuildError(
    `${shown} is no image: it has neither index.json (oci-archive) nor manifest.json (docker-archive)`,
  );
}

async function unpacked(path: string, shown: string, plain: string): Promise<string> {
  const real = realpathSync(path);
  if (!statSync(real).isFile()) throw new BuildError(`${shown} is neither a file nor a folder`);
  const start = readRegularPart(real, 0, 4);
  if (start.toString("latin1", 0, 2) === "#!") {
    throw new BuildError(
      `${shown} is a script, not an image: if it streams one, take the function that builds it instead`,
    );
  }
  const algorithm = sniff(start);
  if (algorithm === "none") return path;
  const unpack = (pieces: AsyncIterable<Buffer>) => decompress(pieces, algorithm);
  try {
    await pipeline(streamRegular(real), unpack, createWriteStream(plain));
  } catch (error) {
    throw new BuildError(`${shown} cannot be unpacked: ${reason(error)}`);
  }
  return plain;
}

function layoutBase(files: Files, shown: string, platform: string): BaseImage {
  const { manifest, config } = chooseImage(imagesOf(files, files.read("index.json")), shown, platform);
  const layers = manifest.layers.map((layer) => {
    const blob = files.place(blobName(layer.digest));
    if (blob.size !== layer.size) {
      throw new BuildError(
        `${files.where(blobName(layer.digest))} has ${blob.size} bytes; the manifest says ${layer.size}`,
      );
    }
    return { blob, algorithm: algorithmOf(layer), digest: layer.digest };
  });
  return { config, layers, isChecked: false };
}

interface Image {
  manifest: Manifest;
  config: ImageConfig;
}

function chooseImage(images: Image[], shown: string, platform: string): Image {
  const [only] = images;
  if (only === undefined) throw new BuildError(`${shown} has no image in it`);
  // One that is for something else is refused where platforms are compared.
  if (images.length === 1) return only;
  const fitting = images.filter(({ config }) => platformName(config) === platform);
  const [chosen, another] = fitting;
  if (another !== undefined) throw new BuildError(`${shown} has several images for ${platform}; a base is one`);
  if (chosen !== undefined) return chosen;
  const has = images.map(({ config }) => platformName(config)).join(", ");
  throw new BuildError(`${shown} has no image for ${platform}; it has ${has}`);
}

function imagesOf(files: Files, bytes: Buffer): Image[] {
  const index = parseJson(Index, bytes, files.where("index.json"));
  return listImages(files, index, { read: (described) => checked(files, described) }).flatMap(({ manifest }) => {
    const where = files.where(blobName(manifest.config.digest));
    const config = parseJson(ImageConfig, checked(files, manifest.config), where);
    return config.os === "unknown" ? [] : [{ manifest, config }];
  });
}

function dockerBase(files: Files, shown: string): BaseImage {
  const images = parseJson(z.array(Entry), files.read(MANIFEST), files.where(MANIFEST));
  const [image] = images;
  if (image === undefined || images.length > 1) {
    throw new BuildError(`${shown} has ${images.length} images; a base is one`);
  }
  const { config, layers: named } = dockerImage(files, image);
  const layers = named.map(({ name, algorithm }) => ({ blob: files.place(name), algorithm, digest: undefined }));
  return { config, layers, isChecked: false };
}

function checked(files: Files, { digest }: Descriptor): Buffer {
  const bytes = files.read(blobName(digest));
  if (sha256(bytes) === digest) return bytes;
  throw new BuildError(`${files.where(blobName(digest))} has another digest than its name: ${sha256(bytes)}`);
}

function algorithmOf({ mediaType, digest }: Descriptor): Compression["algorithm"] {
  const algorithm = LAYER_COMPRESSION.get(mediaType);
  if (algorithm !== undefined) return algorithm;
  throw new ImageError(
    `the base's layer ${digest} has the media type ${mediaType}, which is no layer's that can be unpacked`,
  );
}
