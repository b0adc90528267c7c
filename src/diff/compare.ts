/** Compares two images, and computes the layers that a client of the first must pull for the second. */
import type { AnyImage, AnyImages, AnyLayer } from "../image/any-image.ts";
import { ImageConfig } from "../oci/documents.ts";
import { configChanges, type ConfigChange } from "./config.ts";
import { chunkedPull, type ChunkedPull } from "./chunks.ts";
import { compareFiles, type FileChange } from "./files.ts";
import { ImageError } from "../oci/image-error.ts";
import { parseJson } from "../oci/json.ts";

export interface LayerChange {
  index: number;
  name: string;
  digest: string;
  /** Bytes of the layer in the image, compressed or not. */
  size: number;
}

export interface Difference {
  before: string;
  after: string;
  config: ConfigChange[];
  /** Store paths that only one of the images has, sorted. */
  paths: { removed: string[]; added: string[] };
  files: FileChange[];
  layers: { same: number; removed: LayerChange[]; added: LayerChange[] };
  /** The pull of the second image by a client that has the first. `of`: bytes of the whole second image. */
  pull: { bytes: number; layers: number; of: number; chunked?: ChunkedPull };
}

/** The comparison of images for several platforms: a difference for each common platform. */
export interface Differences {
  before: string;
  after: string;
  platforms: { platform: string; difference: Difference }[];
  removed: string[];
  added: string[];
}

export interface CompareOptions {
  /**
   * Makes the layers with these digests readable. Called with the differing layers first, and with all layers if they
   * are needed.
   */
  bring?: (digests: Set<string>) => Promise<void>;
  signal?: AbortSignal;
  /** Called before a long step, with its name. */
  onStep?: (step: string) => void;
}

/**
 * Compares the images for each common platform. If one side has a single image, compares it with the other side's image
 * for the same platform.
 */
export async function compareAll(
  before: AnyImages,
  after: AnyImages,
  options: CompareOptions = {},
): Promise<Difference | Differences> {
  const pairs = paired(before, after);
  const [only] = pairs;
  if (only !== undefined && (before.images.length === 1 || after.images.length === 1))
    return await compare(...only, options);
  const platforms = [];
  for (const [was, is] of pairs)
    platforms.push({ platform: was.platform, difference: await compare(was, is, options) });
  const lacks = ({ images }: AnyImages, others: AnyImages) =>
    images.map(({ platform }) => platform).filter((each) => !others.images.some(({ platform }) => platform === each));
  return {
    before: before.digest,
    after: after.digest,
    platforms,
    removed: lacks(before, after),
    added: lacks(after, before),
  };
}

/** The pairs of images to compare. */
function paired(before: AnyImages, after: AnyImages): [AnyImage, AnyImage][] {
  const [was, is] = [byPlatform(before), byPlatform(after)];
  const [one, other] = [before, after].map(({ images: [first, ...more] }) => (more.length === 0 ? first : undefined));
  if (one !== undefined) return [[one, other ?? wanted(is, one.platform)]];
  if (other !== undefined) return [[wanted(was, other.platform), other]];
  return [...was.values()].flatMap((image): [AnyImage, AnyImage][] => {
    const changed = is.get(image.platform);
    return changed === undefined ? [] : [[image, changed]];
  });
}

function byPlatform({ images }: AnyImages): Map<string, AnyImage> {
  const found = new Map(images.map((image) => [image.platform, image]));
  if (found.size === images.length && found.size > 0) return found;
  const count = images.length === 0 ? "no image" : `several images for ${images[0]?.platform ?? ""}`;
  throw new ImageError(`cannot compare: one side has ${count}, but exactly one is needed`);
}

function wanted(images: Map<string, AnyImage>, platform: string): AnyImage {
  const found = images.get(platform);
  if (found !== undefined) return found;
  throw new ImageError(`one image is for ${platform}, the other only for ${[...images.keys()].join(", ")}`);
}

async function compare(
  before: AnyImage,
  after: AnyImage,
  { bring = async () => {}, signal, onStep = () => {} }: CompareOptions,
): Promise<Difference> {
  const removed = changes(before, after);
  const added = changes(after, before);
  const layersOf = ({ layers }: AnyImage) =>
    layers.map(({ digest }) => digest).filter((digest) => digest !== undefined);
  const differing = ({ layers }: AnyImage, changed: LayerChange[]) => changed.map(({ index }) => layers[index]?.digest);
  const first = [...differing(before, removed), ...differing(after, added)].filter((digest) => digest !== undefined);
  await bring(new Set(first));
  const { paths, files } = await compareFiles(
    { image: before, shared: unchanged(before, removed) },
    { image: after, shared: unchanged(after, added) },
    { bring: async () => await bring(new Set([...layersOf(before), ...layersOf(after)])), signal },
  );
  const isPacked = arePacked(before, after);
  const fresh = layersAt(after, added);
  const chunked = await chunkedPull(layersAt(before, removed), fresh, { signal, onStep });
  const isSame = before.digest === after.digest || (!isPacked && before.configBytes.equals(after.configBytes));
  const documents = isSame ? 0 : after.documents;
  const all = after.layers.reduce((sum, { size }) => sum + size, after.documents);
  const configOf = ({ configBytes }: AnyImage) => parseJson(ImageConfig, configBytes, "the config");
  return {
    before: before.digest,
    after: after.digest,
    config: configChanges(configOf(before), configOf(after)),
    paths,
    files,
    layers: { same: after.layers.length - added.length, removed, added },
    pull: {
      bytes: documents + fresh.reduce((sum, { size }) => sum + size, 0),
      layers: fresh.length,
      of: all,
      ...(chunked && { chunked: { chunks: documents + chunked.chunks, files: documents + chunked.files } }),
    },
  };
}

/** The changed layers; layers with the same digest count once. */
function layersAt({ layers }: AnyImage, changed: LayerChange[]): AnyLayer[] {
  const found = new Map(changed.map(({ digest, index }) => [digest, layers[index] as AnyLayer]));
  return [...found.values()];
}

/** Indexes of the unchanged layers of an image. */
function unchanged({ layers }: AnyImage, changed: LayerChange[]): Set<number> {
  const indexes = new Set(changed.map(({ index }) => index));
  return new Set([...layers.keys()].filter((index) => !indexes.has(index)));
}

/** Whether all layers have blob digests: layers of a Docker archive have only diff IDs. */
function arePacked(...images: AnyImage[]): boolean {
  return images.every(({ layers }) => layers.every(({ digest }) => digest !== undefined));
}

/** The layers of an image that the other image lacks. */
function changes(image: AnyImage, other: AnyImage): LayerChange[] {
  const isPacked = arePacked(image, other);
  const keyOf = ({ digest, diffId }: AnyLayer) => (isPacked ? (digest ?? diffId) : diffId);
  const present = new Set(other.layers.map(keyOf));
  return image.layers.flatMap((layer, index) => {
    const { name, size } = layer;
    const digest = keyOf(layer);
    return present.has(digest) ? [] : [{ index, name, digest, size }];
  });
}
