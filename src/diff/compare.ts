/** Compares two images, and computes the layers that a client of the first must pull for the second. */
import type { AnyImage, AnyImages, AnyLayer } from "../image/any-image.ts";
import type { FormName } from "../image/index-entries.ts";
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
  /** The digest of the image; of the index if an index lists two forms of the image. */
  before: string;
  after: string;
  /** If an image has two forms: the compared forms, and the forms that are equal in both images. */
  forms?: { before: FormName; after: FormName; same: FormName[] };
  config: ConfigChange[];
  /** Store paths that only one of the images has, sorted. */
  paths: { removed: string[]; added: string[] };
  files: FileChange[];
  /**
   * `same`: layers with the content of a layer of the first image. `recompressed`: those of them whose compression differs,
   * which clients pull again.
   */
  layers: { same: number; recompressed: number; removed: LayerChange[]; added: LayerChange[] };
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
  const [was, is] = [byPlatform(before), byPlatform(after)];
  const pairs = paired(was, is);
  const [only] = pairs;
  if (only !== undefined && (was.size === 1 || is.size === 1)) {
    const difference = await compare(only, options);
    const digests = {
      before: ofIndex(before, was) ?? difference.before,
      after: ofIndex(after, is) ?? difference.after,
    };
    return { ...difference, ...digests };
  }
  const platforms = [];
  for (const pair of pairs) {
    platforms.push({ platform: pair.before.platform, difference: await compare(pair, options) });
  }
  const lacks = (images: ByPlatform, others: ByPlatform) => [...images.keys()].filter((each) => !others.has(each));
  return {
    before: before.digest,
    after: after.digest,
    platforms,
    removed: lacks(was, is),
    added: lacks(is, was),
  };
}

/** The forms of the image for each platform, in the order of the index. */
type ByPlatform = Map<string, AnyImage[]>;

/** The digest of an index that lists the forms of a single image. */
function ofIndex({ digest }: AnyImages, platforms: ByPlatform): string | undefined {
  const [forms = [], ...others] = platforms.values();
  return forms.length > 1 && others.length === 0 ? digest : undefined;
}

/** Images to compare. */
interface Pair {
  before: AnyImage;
  after: AnyImage;
  forms?: Difference["forms"];
}

function paired(was: ByPlatform, is: ByPlatform): Pair[] {
  const [one, other] = [was, is].map((images) => (images.size === 1 ? [...images.values()][0] : undefined));
  if (one !== undefined) return [nearest(one, other ?? wanted(is, (one[0] as AnyImage).platform))];
  if (other !== undefined) return [nearest(wanted(was, (other[0] as AnyImage).platform), other)];
  return [...was].flatMap(([platform, forms]): Pair[] => {
    const changed = is.get(platform);
    return changed === undefined ? [] : [nearest(forms, changed)];
  });
}

/**
 * The pair of forms with the most common layers; of equal pairs the last, which newer clients pull. If both images have two
 * forms, equal forms are skipped, unless all are equal.
 */
function nearest(before: AnyImage[], after: AnyImage[]): Pair {
  const equal = before.filter(({ digest }) => after.some((is) => is.digest === digest));
  const different = (images: AnyImage[]) =>
    images.filter(({ digest }) => equal.every((image) => image.digest !== digest));
  const areDifferent = different(before).length > 0 && different(after).length > 0;
  const [from, to] = areDifferent ? [different(before), different(after)] : [before, after];
  const pairs = from.flatMap((was) => to.map((is) => ({ before: was, after: is })));
  const common = (pair: Pair) =>
    pair.after.layers.length - changes(pair.after, pair.before, blobKey(pair.before, pair.after)).length;
  const best = pairs.reduce((found, pair) => (common(pair) >= common(found) ? pair : found));
  if (before.length === 1 && after.length === 1) return best;
  return {
    ...best,
    forms: { before: best.before.form, after: best.after.form, same: equal.map(({ form }) => form) },
  };
}

function byPlatform({ images }: AnyImages): ByPlatform {
  const found = Map.groupBy(images, ({ platform }) => platform);
  // Forms of one image have the same config, which lists the diff IDs of the layers.
  const areForms = ([first, ...others]: AnyImage[]) =>
    others.every(({ configBytes }) => first?.configBytes.equals(configBytes) === true);
  const unclear = [...found].find(([, forms]) => !areForms(forms));
  if (unclear === undefined && found.size > 0) return found;
  const count = unclear === undefined ? "no image" : `several images for ${unclear[0]}`;
  throw new ImageError(`cannot compare: one side has ${count}, but exactly one is needed`);
}

function wanted(images: ByPlatform, platform: string): AnyImage[] {
  const found = images.get(platform);
  if (found !== undefined) return found;
  throw new ImageError(`one image is for ${platform}, the other only for ${[...images.keys()].join(", ")}`);
}

async function compare(
  { before, after, forms }: Pair,
  { bring = async () => {}, signal, onStep = () => {} }: CompareOptions,
): Promise<Difference> {
  const [removed, added] = [changes(before, after, contentKey), changes(after, before, contentKey)];
  // A layer in which only the compression changed counts as the same layer, but clients pull it again.
  const key = blobKey(before, after);
  const [removedBlobs, addedBlobs] = [changes(before, after, key), changes(after, before, key)];
  const layersOf = ({ layers }: AnyImage) =>
    layers.map(({ digest }) => digest).filter((digest) => digest !== undefined);
  const differing = ({ layers }: AnyImage, changed: LayerChange[]) => changed.map(({ index }) => layers[index]?.digest);
  // The chunks of a layer are read even if only its compression is new.
  const hasChunks = addedBlobs.some(({ index }) => after.layers[index]?.chunks !== undefined);
  const read = hasChunks ? [removedBlobs, addedBlobs] : [removed, added];
  const first = [...differing(before, read[0] ?? []), ...differing(after, read[1] ?? [])];
  await bring(new Set(first.filter((digest) => digest !== undefined)));
  const { paths, files } = await compareFiles(
    { image: before, shared: unchanged(before, removed) },
    { image: after, shared: unchanged(after, added) },
    { bring: async () => await bring(new Set([...layersOf(before), ...layersOf(after)])), signal },
  );
  const isPacked = arePacked(before, after);
  const fresh = layersAt(after, addedBlobs);
  const chunked = await chunkedPull(layersAt(before, removedBlobs), fresh, { signal, onStep });
  const isSame = before.digest === after.digest || (!isPacked && before.configBytes.equals(after.configBytes));
  const documents = isSame ? 0 : after.documents;
  const all = after.layers.reduce((sum, { size }) => sum + size, after.documents);
  const configOf = ({ configBytes }: AnyImage) => parseJson(ImageConfig, configBytes, "the config");
  return {
    before: before.digest,
    after: after.digest,
    ...(forms && { forms }),
    config: configChanges(configOf(before), configOf(after)),
    paths,
    files,
    layers: {
      same: after.layers.length - added.length,
      recompressed: addedBlobs.length - added.length,
      removed,
      added,
    },
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

/** A text that is equal for two layers that count as the same. */
type LayerKey = (layer: AnyLayer) => string;

const contentKey: LayerKey = ({ diffId }) => diffId;

/** Compares blobs, or diff IDs if an image has no blobs. */
function blobKey(...images: AnyImage[]): LayerKey {
  return arePacked(...images) ? ({ digest, diffId }) => digest ?? diffId : contentKey;
}

/** The layers of an image that the other image lacks. */
function changes(image: AnyImage, other: AnyImage, key: LayerKey): LayerChange[] {
  const shown = blobKey(image, other);
  const present = new Set(other.layers.map(key));
  return image.layers.flatMap((layer, index) => {
    const { name, size } = layer;
    return present.has(key(layer)) ? [] : [{ index, name, digest: shown(layer), size }];
  });
}
