/** Writes images to a folder, or as one stream that is generated while it is read. */
import { renameSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { Readable, type Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { dockerFiles, layoutFiles, tarOf, type ExportFile, type ExportImage } from "../image/export.ts";
import { flatTar } from "../image/flat-tar.ts";
import type { ImageDirectory } from "../image/image-directory.ts";
import type { LayerPool } from "../serve/layer-pool.ts";
import { isLayer, plainView, type View } from "../serve/view.ts";
import { makeFolder } from "../util/make-folder.ts";
import { ownBeside } from "../util/temporary.ts";
import { writeToFile } from "../util/write-to-file.ts";
import type { LayerBlob } from "../serve/layer-blob.ts";

/** `tar`: the file system of one image. */
export const FORMS = ["oci", "oci-archive", "docker-archive", "tar"] as const;
export type Form = (typeof FORMS)[number];

export interface ExportOptions {
  pool: LayerPool;
  /** Called for each written layer. */
  onLayer: (blob: LayerBlob) => void;
}

export interface ViewedImage {
  image: ImageDirectory;
  /** The image with layers compressed by this runtime. */
  view: View;
  /** Further forms of the image, in the order of the index. */
  otherForms?: ViewedImage[];
}

/** The files of one layout or archive with all images. A layer that several images share is written once. */
export function exportFiles(images: ViewedImage[], form: Exclude<Form, "tar">, options: ExportOptions): ExportFile[] {
  const isPlain = form === "docker-archive";
  const exported = images.map((each) => exportedImage(each, isPlain, options));
  return isPlain ? dockerFiles(exported) : layoutFiles(exported);
}

function exportedImage(
  { image, view, otherForms = [] }: ViewedImage,
  isPlain: boolean,
  options: ExportOptions,
): ExportImage {
  const served = isPlain ? plainView(image) : view;
  const digests = isPlain ? image.config.rootfs.diff_ids : image.layers.map((_, i) => packedDigest(view, i));
  return {
    file: image.file,
    mediaType: served.manifest.mediaType,
    manifest: served.manifest.bytes,
    config: image.configBytes,
    layers: digests.map((digest) => layerOf(served, digest, options)),
    otherForms: otherForms.map((each) => exportedImage(each, isPlain, options)),
  };
}

/** The image's file system as a tar stream; each layer is generated twice. */
export function rootFileSystem(
  image: ImageDirectory,
  { pool, onLayer }: ExportOptions,
  onLeftOut: (count: number) => void,
): AsyncGenerator<Uint8Array> {
  const view = plainView(image);
  const layers = image.config.rootfs.diff_ids.map((digest) => {
    let asked = 0;
    return () => {
      asked += 1;
      return layerOf(view, digest, { pool, onLayer: (blob) => asked > 1 && onLayer(blob) }).bytes();
    };
  });
  return flatTar(layers, onLeftOut);
}

/** The files as a tar stream. */
export function archive(files: ExportFile[]): AsyncGenerator<Uint8Array> {
  return tarOf(files);
}

/** Writes a stream without buffering it in memory or on disk. */
export async function writeStream(
  stream: AsyncGenerator<Uint8Array>,
  to: Writable,
  signal: AbortSignal,
): Promise<void> {
  await pipeline(Readable.from(stream), to, { signal });
}

/**
 * Writes a temporary file or folder beside `path`, then renames it to `path`. If `path` is a device or a pipe, writes into
 * it.
 */
export async function replace(path: string, write: (beside: string) => Promise<void>): Promise<void> {
  const before = statSync(path, { throwIfNoEntry: false });
  if (before !== undefined && !before.isFile() && !before.isDirectory()) return await write(path);
  // Signals are handled from the next turn on, so an interrupted export leaves no file behind.
  await setImmediate();
  const beside = ownBeside(path);
  try {
    await write(beside);
    renameSync(beside, path);
  } finally {
    rmSync(beside, { recursive: true, force: true });
  }
}

export async function writeFolder(files: ExportFile[], folder: string, signal: AbortSignal): Promise<void> {
  for (const { name, bytes } of files) {
    const path = join(folder, name);
    makeFolder(dirname(path));
    const source = Buffer.isBuffer(bytes) ? [bytes] : bytes();
    await writeToFile(source, path, signal);
  }
}

function packedDigest(view: View, i: number): string {
  const { layers } = JSON.parse(view.manifest.bytes.toString()) as { layers: { digest: string }[] };
  return layers[i]?.digest ?? "";
}

function layerOf(view: View, digest: string, { pool, onLayer }: ExportOptions) {
  const blob = view.blobs.get(digest);
  if (blob === undefined || !isLayer(blob)) throw new Error(`${digest} is not a layer of the image`);
  async function* bytes(): AsyncGenerator<Uint8Array> {
    if (blob === undefined || !isLayer(blob)) return;
    yield* pool.bytes(blob);
    onLayer(blob);
  }
  return { digest, size: blob.size, bytes };
}
