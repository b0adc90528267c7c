/** Opens an image directory, and checks every file against its schema once. */
import { existsSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { Layer } from "../layer/recipe.ts";
import { keptLayer, sources, strangeSource } from "../layer/sources.ts";
import { readRegular } from "../util/regular-file.ts";
import { ImageError } from "../oci/image-error.ts";
import { ImageFile } from "./image-file.ts";
import { ImageFolder, storeFolders } from "./image-folder.ts";
import { parseJson } from "../oci/json.ts";
import { ImageConfig, Manifest, MAX_DOCUMENT } from "../oci/documents.ts";
import { isOfMachine, messageOf } from "../util/errors.ts";

/** Limit of imgc's own documents in bytes: the document of an image with 50,000 store paths is about this large. */
export const MAX_OWN_DOCUMENT = 64 << 20;
/** Limit of layers: runtimes mount at most a few hundred. */
export const MAX_LAYERS = 1000;

export interface ImageDirectory {
  path: string;
  file: ImageFile;
  manifest: Manifest;
  /** The bytes of the manifest in a registry, of which its digest is computed. */
  manifestBytes: Buffer;
  config: ImageConfig;
  configBytes: Buffer;
  layers: Layer[];
  /** The folder of the chroot store that contains the image; "" for the machine's store. */
  root: string;
}

export function readImageDirectory(path: string): ImageDirectory {
  const folder = new ImageFolder(path);
  const read = (name: string, limit: number) => readBytes(folder.file(name), limit);
  const file = parseJson(ImageFile, read("image.json", MAX_OWN_DOCUMENT), join(path, "image.json"));
  const manifestBytes = read("manifest.json", MAX_DOCUMENT);
  const configBytes = read("config.json", MAX_DOCUMENT);
  const root = storeRoot(path, file.storeDir);
  const names = folder.list("layers");
  if (names.length > MAX_LAYERS)
    throw new ImageError(`${path} has ${names.length} layers, more than the limit of ${MAX_LAYERS}`);
  const layers = names.map((name) => {
    const where = join(path, "layers", name);
    const layer = parseJson(Layer, read(join("layers", name), MAX_OWN_DOCUMENT), where);
    requireSources(layer, { storeDir: file.storeDir, root }, where);
    return layer;
  });
  return {
    path,
    file,
    manifest: parseJson(Manifest, manifestBytes, join(path, "manifest.json")),
    manifestBytes,
    config: parseJson(ImageConfig, configBytes, join(path, "config.json")),
    configBytes,
    layers,
    root,
  };
}

/** The names of an image directory's documents. */
export function documents(path: string): string[] {
  return new ImageFolder(path)
    .names()
    .filter((name) => name.endsWith(".json"))
    .toSorted();
}

export function isImageDirectory(path: string): boolean {
  return existsSync(join(path, "image.json")) && existsSync(join(path, "layers"));
}

/** `title`: the file's name in messages. */
export function readBytes(path: string, limit: number, title = path): Buffer {
  try {
    return readRegular(path, limit);
  } catch (error) {
    if (isOfMachine(error)) throw error;
    throw new ImageError(`cannot read ${title}: ${messageOf(error).replaceAll(path, title)}`);
  }
}

/** An untrusted recipe may name only files of a store; otherwise its author could read any file of this machine. */
export function requireSources(
  layer: Layer,
  { storeDir, root }: { storeDir: string; root: string },
  where: string,
): void {
  const kept = keptLayer(layer);
  for (const { content } of kept === undefined ? [layer] : [layer, kept]) {
    const strange =
      strangeSource(content, storeDir) ?? sources(content).find((path) => leavesStore(path, storeDir, root));
    if (strange !== undefined)
      throw new ImageError(`${where}: ${strange} is not in the store ${storeDir}, so imgc does not read it`);
  }
}

/** Whether a path leads out of the store through a link. */
function leavesStore(path: string, storeDir: string, root: string): boolean {
  const folder = dirname(path);
  if (folder === storeDir) return false;
  const real = realPath(root + folder);
  const stores = [storeDir, realPath(root + storeDir)];
  return real !== undefined && !stores.some((store) => store !== undefined && real.startsWith(`${store}/`));
}

function realPath(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}

/** The folder of the chroot store that contains `path`; "" for the machine's store. */
export function storeRoot(path: string, storeDir: string): string {
  // An image that could choose its store could name any folder of this machine.
  if (!storeFolders().includes(storeDir)) {
    throw new ImageError(
      `${path}: the image's store ${storeDir} is not the store of this machine; set NIX_STORE_DIR if it is`,
    );
  }
  const real = realpathSync(path);
  const at = real.indexOf(`${storeDir}/`);
  return at < 0 ? "" : real.slice(0, at);
}
