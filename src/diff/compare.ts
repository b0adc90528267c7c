/** What differs between two images, and what a client that has one must pull for the other. */
import { createHash } from "node:crypto";
import type { AnyImage, AnyImages, AnyLayer } from "../image/any-image.ts";
import { ImageError } from "../image/read.ts";
import { plainName, TarReader } from "../layer/read-tar.ts";

export interface LayerChange {
  index: number;
  name: string;
  digest: string;
  /** Bytes, as the image has it. */
  size: number;
}

/** A file by its name without the hashes of store paths, so that a rebuilt package's files meet. Sizes in bytes. */
export interface FileChange {
  name: string;
  before: number | null;
  after: number | null;
}

export interface Difference {
  before: string;
  after: string;
  layers: { same: number; removed: LayerChange[]; added: LayerChange[] };
  /** Store paths that one image has and the other has not, sorted. */
  paths: { removed: string[]; added: string[] };
  files: FileChange[];
  /** For a client that has the first image and wants the second. */
  pull: { bytes: number; layers: number; of: number };
}

/** Between images for several platforms: a difference for each platform that both have. */
export interface Differences {
  before: string;
  after: string;
  platforms: { platform: string; difference: Difference }[];
  removed: string[];
  added: string[];
}

/** Of one image, or where one of two places has several, of those for the same platform. */
export async function compareAll(before: AnyImages, after: AnyImages): Promise<Difference | Differences> {
  const pairs = paired(before, after);
  const [only] = pairs;
  if (only !== undefined && (before.images.length === 1 || after.images.length === 1)) return await compare(...only);
  const platforms = [];
  for (const [was, is] of pairs) platforms.push({ platform: was.platform, difference: await compare(was, is) });
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

/** Digests of the layers that a comparison reads: those that one image has and the other has not. */
export function layersRead(before: AnyImages, after: AnyImages): Set<string> {
  const read = paired(before, after).flatMap(([was, is]) => [
    ...changes(was, is).map(({ index }) => was.layers[index]?.digest),
    ...changes(is, was).map(({ index }) => is.layers[index]?.digest),
  ]);
  return new Set(read.filter((digest) => digest !== undefined));
}

/** What is compared with what. */
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
  const what = images.length === 0 ? "no image" : `several images for ${images[0]?.platform ?? ""}`;
  throw new ImageError(`there is ${what} in one place; one is compared with one`);
}

function wanted(images: Map<string, AnyImage>, platform: string): AnyImage {
  const found = images.get(platform);
  if (found !== undefined) return found;
  throw new ImageError(`one image is for ${platform}, and the other only for ${[...images.keys()].join(", ")}`);
}

async function compare(before: AnyImage, after: AnyImage): Promise<Difference> {
  const removed = changes(before, after);
  const added = changes(after, before);
  const [was, is] = [await contents(before, removed), await contents(after, added)];
  const isPacked = arePacked(before, after);
  const isSame = before.digest === after.digest || (!isPacked && before.configBytes.equals(after.configBytes));
  const documents = isSame ? 0 : after.documents;
  const all = after.layers.reduce((sum, { size }) => sum + size, after.documents);
  return {
    before: before.digest,
    after: after.digest,
    layers: { same: after.layers.length - added.length, removed, added },
    paths: { removed: without(was.paths, is.paths), added: without(is.paths, was.paths) },
    files: fileChanges(was.files, is.files),
    pull: { bytes: documents + totalOnce(added), layers: new Set(added.map(({ digest }) => digest)).size, of: all },
  };
}

/** A Docker archive knows its layers by what they hold alone. */
function arePacked(...images: AnyImage[]): boolean {
  return images.every(({ layers }) => layers.every(({ digest }) => digest !== undefined));
}

/** Layers of an image that the other has not. */
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

/** Two layers of the same bytes are pulled once. */
function totalOnce(layers: LayerChange[]): number {
  const sizes = new Map(layers.map(({ digest, size }) => [digest, size]));
  return [...sizes.values()].reduce((sum, size) => sum + size, 0);
}

interface Contents {
  paths: Set<string>;
  files: Map<string, { size: number; identity: string }>;
}

async function contents(image: AnyImage, layers: LayerChange[]): Promise<Contents> {
  const found: Contents = { paths: new Set(), files: new Map() };
  for (const { index } of layers) await readLayer(image.layers[index] as AnyLayer, found);
  return found;
}

async function readLayer(layer: AnyLayer, { paths, files }: Contents): Promise<void> {
  const reader = new TarReader(({ name, type, mode, target, size }) => {
    const plain = `/${plainName(Buffer.from(name, "latin1").toString())}`;
    const [, path] = /^(\/nix\/store\/[^/]+)/.exec(plain) ?? [];
    if (path !== undefined) paths.add(path);
    if (type === "5") return;
    const key = withoutHash(plain);
    // A link is what it leads to, again without hashes: those change with every rebuild.
    const entry = { size, identity: `${type} ${mode} ${withoutHash(target)}` };
    files.set(key, entry);
    if (size === 0) return;
    const hash = createHash("sha256");
    let left = size;
    return (piece) => {
      hash.update(piece);
      left -= piece.length;
      if (left === 0) entry.identity += hash.digest("hex");
    };
  });
  try {
    for await (const piece of layer.stream()) reader.push(piece);
    reader.end();
  } catch (error) {
    throw new ImageError(`${layer.name} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function withoutHash(name: string): string {
  return name.replaceAll(/\/nix\/store\/[0-9a-z]{32}-/g, "/nix/store/");
}

function fileChanges(was: Contents["files"], is: Contents["files"]): FileChange[] {
  return [...new Set([...was.keys(), ...is.keys()])].toSorted(inOrder).flatMap((name) => {
    const [before, after] = [was.get(name), is.get(name)];
    if (before?.identity === after?.identity) return [];
    return [{ name, before: before?.size ?? null, after: after?.size ?? null }];
  });
}

function without(some: Set<string>, others: Set<string>): string[] {
  return [...some].filter((path) => !others.has(path)).toSorted(inOrder);
}

function inOrder(a: string, b: string): number {
  return a < b ? -1 : 1;
}
