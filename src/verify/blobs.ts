/** Verifies images whose layers are files in a folder or archive. */
import { createHash } from "node:crypto";
import { pipeline } from "node:stream/promises";
import * as z from "zod/mini";
import { decompress, Growth, layerAlgorithm, type Algorithm } from "../layer/decompress.ts";
import { checkContents } from "./contents/check.ts";
import { SHA256SUMS } from "../image/checksums.ts";
import { Findings } from "./findings.ts";
import { FileTree } from "../image/file-tree.ts";
import type { Files } from "../image/files.ts";
import { IMAGE_FILE, ImageFile, IMAGES_FILE } from "../image/image-file.ts";
import { LayerInspector } from "./inspect-layer.ts";
import { type ImageConfig } from "../oci/documents.ts";
import { MAX_OWN_DOCUMENT } from "../image/image-directory.ts";
import type { Report, VerifyOptions } from "./report.ts";
import { isOfMachine, messageOf } from "../util/errors.ts";
import { parseJson } from "../oci/json.ts";
import { digestOf } from "../oci/digest.ts";
import { ownLayers } from "../image/make-documents.ts";
import { STORE_DIR } from "../store/store-path.ts";
import { checkSums } from "./checksums.ts";
import { chunkedCheck } from "./chunked.ts";
import { blobReader } from "../layer/chunked/read-toc.ts";

export interface LayerFile {
  name: string;
  algorithm: Algorithm;
  /** The digest and size in the manifest, if the form has one. */
  digest?: string;
  size?: number;
  /** The annotations in the manifest. */
  annotations?: Record<string, string> | undefined;
}

/**
 * Starts a report, and checks the files that SHA256SUMS lists. Returns as `own` the descriptions (image.json) that imgc writes
 * beside its images, in the order of the images; empty for images of other tools.
 */
export function beginReport(
  form: string,
  files: Files,
  checked: string[],
): { findings: Findings; report: Report; own: ImageFile[]; growth: Growth } {
  const findings = new Findings();
  const name = [IMAGE_FILE, IMAGES_FILE].find((each) => files.has(each));
  if (name !== undefined || files.has(SHA256SUMS))
    checkSums(findings, files, [...(name === undefined ? [] : [name]), ...checked]);
  const own = name === undefined ? [] : ownFiles(files, name);
  const untested = {
    reproducible: own.some(({ expect }) => expect.reproducible),
    run: own.flatMap(({ expect }) => expect.run),
  };
  const report = {
    form,
    digests: [],
    names: [],
    notes: own.flatMap(({ notes = [] }) => notes),
    images: 0,
    layers: 0,
    paths: 0,
    unhashed: 0,
    size: 0,
    findings: findings.sentences,
    untested,
  };
  return { findings, report, own, growth: new Growth() };
}

function ownFiles(files: Files, name: string): ImageFile[] {
  const [bytes, where] = [files.read(name, MAX_OWN_DOCUMENT), files.where(name)];
  return name === IMAGE_FILE ? [parseJson(ImageFile, bytes, where)] : parseJson(z.array(ImageFile), bytes, where);
}

/** Compares the number of imgc's descriptions, if there are any, with the number of images. */
export function checkNumber(findings: Findings, own: ImageFile[], images: number): void {
  if (own.length > 0) findings.same("number of images", own.length, images);
}

export interface Image {
  config: ImageConfig;
  layers: LayerFile[];
  file: ImageFile | undefined;
  /** The growth of all layers that were read before, also of other images. */
  growth: Growth;
}

/** Verifies an image by reading every layer, and adds it to the report. */
export async function verifyImage(
  findings: Findings,
  report: Report,
  files: Files,
  { config, layers, file, growth }: Image,
  { deep, onStep, onLayer }: VerifyOptions,
): Promise<void> {
  findings.same("number of diff IDs in the config", config.rootfs.diff_ids.length, layers.length);
  const own = ownLayers(config);
  const tree = new FileTree();
  const read = [];
  let isWhole = true;
  for (const [index, layer] of layers.entries()) {
    const named = own.get(index);
    const label = named === undefined ? `layer ${index + 1}` : `layer ${index + 1} (${named})`;
    onStep(`layer ${index + 1} of ${layers.length}`);
    const storeDir = file?.storeDir ?? STORE_DIR;
    const inspector = new LayerInspector(findings, { tree, index, label, storeDir, deep, isOwn: named !== undefined });
    const { diffId, size } = await readLayer(findings, files, layer, { label, inspector, growth });
    if (diffId === undefined) isWhole = false;
    else findings.same(`${label}, diff ID`, config.rootfs.diff_ids[index], diffId);
    report.size += size;
    const { storePaths } = inspector.facts;
    if (layer.digest !== undefined) onLayer({ label, digest: layer.digest, storePaths });
    read.push({ ...inspector.facts, name: label, size });
  }
  report.layers += layers.length;
  report.unhashed += read.reduce((sum, layer) => sum + layer.unhashed.size, 0);
  report.paths += read.reduce((sum, layer) => sum + layer.storePaths.size, 0);
  // Without a layer, most findings about the files would only follow from the lack of its files.
  if (isWhole) checkContents(findings, { tree, config, layers: read, file });
}

interface Reading {
  /** The layer's name in findings. */
  label: string;
  inspector: LayerInspector;
  growth: Growth;
}

/** Reads a layer, and compares it with the manifest. Without a diff ID, the layer cannot be read, which is the only finding. */
async function readLayer(
  findings: Findings,
  files: Files,
  layer: LayerFile,
  { label, inspector, growth }: Reading,
): Promise<{ diffId?: string; size: number }> {
  const packed = createHash("sha256");
  const diff = createHash("sha256");
  let packedSize = 0;
  let size = 0;
  try {
    const algorithm = layerAlgorithm(files.start(layer.name, 4), layer.algorithm);
    if (algorithm !== layer.algorithm) findings.add(`${label} is ${otherForm(algorithm, layer.algorithm)}`);
    const chunked = chunkedCheck(
      findings,
      label,
      layer.annotations ?? {},
      blobReader(() => files.place(layer.name)),
    );
    await pipeline(
      files.stream(layer.name),
      async function* (pieces: AsyncIterable<Buffer>) {
        for await (const piece of pieces) {
          packed.update(piece);
          packedSize += piece.length;
          yield piece;
        }
      },
      (pieces: AsyncIterable<Buffer>) => decompress(pieces, algorithm, growth),
      async (pieces: AsyncIterable<Buffer>) => {
        for await (const piece of pieces) {
          diff.update(piece);
          size += piece.length;
          inspector.push(piece);
          chunked?.push(piece);
        }
      },
    );
    inspector.end();
    chunked?.end();
  } catch (error) {
    if (isOfMachine(error)) throw error;
    findings.add(`${label} cannot be read: ${messageOf(error)}`);
    return { size };
  }
  if (layer.digest !== undefined) findings.same(`${label}, digest`, layer.digest, digestOf(packed));
  if (layer.size !== undefined) findings.same(`${label}, size`, layer.size, packedSize);
  return { diffId: digestOf(diff), size };
}

function otherForm(algorithm: Algorithm, described: Algorithm): string {
  const form = algorithm === "none" ? "not compressed" : `compressed with ${algorithm}`;
  return `${form}, but its media type names ${described === "none" ? "no compression" : described}`;
}
