/**
 * Verifies an image directory: checksums and consistency of the documents. Makes each layer again from the store and compares
 * the digests.
 */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { isExact } from "../layer/bytes.ts";
import { digestLayer } from "../layer/digest.ts";
import type { Layer } from "../layer/recipe.ts";
import { checkContents } from "./contents/check.ts";
import { SHA256SUMS } from "../image/checksums.ts";
import { belongsToNothing, Findings } from "./findings.ts";
import { FileTree } from "../image/file-tree.ts";
import { keptLayer } from "../layer/sources.ts";
import { fullNameOf } from "../image/export.ts";
import { folderFiles } from "../image/files.ts";
import { LayerInspector, type LayerFacts } from "./inspect-layer.ts";
import { checkMediaTypes } from "../oci/documents.ts";
import { documents, readImageDirectory, type ImageDirectory } from "../image/image-directory.ts";
import type { Report, VerifyOptions } from "./report.ts";
import { isOfMachine, messageOf } from "../util/errors.ts";
import { digestOf, sha256 } from "../oci/digest.ts";
import { LAYER_COMPRESSION, MEDIA_TYPES } from "../oci/media-types.ts";
import { createdBy } from "../image/make-documents.ts";
import { streamRegular } from "../util/regular-file.ts";
import { checkSums } from "./checksums.ts";

export async function verifyDirectory(path: string, { deep, onStep }: VerifyOptions): Promise<Report> {
  const findings = new Findings();
  const files = folderFiles(path);
  checkSums(findings, files, documents(path));
  const known = new Set([SHA256SUMS, ...documents(path)]);
  for (const name of files.names()) if (!known.has(name)) findings.add(belongsToNothing(files.where(name)));
  const image = readImageDirectory(path);
  checkDocuments(findings, image);
  const { config, file } = image;
  const tree = new FileTree();
  const layers = [];
  for (const [index, layer] of image.layers.entries()) {
    onStep(`layer ${index + 1} of ${image.layers.length} (${layer.name})`);
    const label = `layer ${index + 1} (${layer.name})`;
    const inspector = new LayerInspector(findings, {
      tree,
      index,
      label,
      storeDir: file.storeDir,
      deep,
      isOwn: layer.content.blob === undefined,
    });
    const facts = await checkLayer(findings, label, layer, image.root, inspector);
    await checkKept(findings, label, layer, image.root);
    layers.push({ ...facts, name: label, size: layer.diffSize });
  }
  checkContents(findings, { tree, config, layers, file });
  return {
    form: "image directory",
    digests: [sha256(image.manifestBytes)],
    names: [fullNameOf(file)],
    notes: file.notes ?? [],
    images: 1,
    layers: image.layers.length,
    paths: file.closure.length,
    unhashed: layers.reduce((sum, layer) => sum + layer.unhashed.size, 0),
    size: image.layers.reduce((sum, layer) => sum + layer.diffSize, 0),
    findings: findings.sentences,
    untested: file.expect,
  };
}

function checkDocuments(findings: Findings, { manifest, config, configBytes, layers }: ImageDirectory): void {
  findings.same("config digest in the manifest", manifest.config.digest, sha256(configBytes));
  for (const sentence of checkMediaTypes(manifest)) findings.add(sentence);
  findings.same("config size in the manifest", manifest.config.size, configBytes.length);
  const history = (config.history ?? []).filter((step) => step.empty_layer !== true);
  findings.same("number of layers in the manifest", manifest.layers.length, layers.length);
  findings.same("number of diff IDs in the config", config.rootfs.diff_ids.length, layers.length);
  for (const [i, layer] of layers.entries()) {
    const described = manifest.layers[i];
    findings.same(`layer ${i + 1}, digest in the manifest`, described?.digest, layer.digest);
    findings.same(`layer ${i + 1}, size in the manifest`, described?.size, layer.size);
    const algorithm = LAYER_COMPRESSION.get(described?.mediaType ?? "");
    findings.same(`layer ${i + 1}, compression by media type`, algorithm, layer.compression.algorithm);
    // Docker's manifests have no annotations.
    const annotations = manifest.mediaType === MEDIA_TYPES.docker.manifest ? undefined : layer.annotations;
    const [claimed, own] = [described?.annotations, annotations].map((each) => JSON.stringify(each));
    findings.same(`layer ${i + 1}, annotations in the manifest`, claimed, own);
    findings.same(`layer ${i + 1}, diff ID in the config`, config.rootfs.diff_ids[i], layer.diffId);
    // The history of a layer made elsewhere cannot be computed.
    if (layer.content.blob !== undefined) continue;
    findings.same(`layer ${i + 1}, history`, history[i]?.created_by, createdBy(layer));
  }
}

/** Compares the bytes that the build kept with the layer's digest. If they were deleted, a push makes the bytes again. */
async function checkKept(findings: Findings, label: string, layer: Layer, root: string): Promise<void> {
  const blob = keptLayer(layer)?.content.blob;
  if (blob === undefined || !existsSync(root + blob.file)) return;
  const hash = createHash("sha256");
  for await (const piece of streamRegular(root + blob.file) as AsyncIterable<Buffer>) hash.update(piece);
  findings.same(`${label}, digest of the kept bytes in ${blob.file}`, layer.digest, digestOf(hash));
}

/** Makes the layer again, compares it with its recipe, and inspects its entries. */
async function checkLayer(
  findings: Findings,
  label: string,
  layer: Layer,
  root: string,
  inspector: LayerInspector,
): Promise<LayerFacts> {
  let computed: Layer;
  try {
    const onChunk = (chunk: Buffer) => inspector.push(chunk);
    computed = await digestLayer(layer.name, layer.content, layer.compression, root, onChunk);
    inspector.end();
  } catch (error) {
    if (isOfMachine(error)) throw error;
    findings.add(`${label} cannot be made again: ${messageOf(error)}`);
    return inspector.facts;
  }
  findings.same(`${label}, diff ID`, layer.diffId, computed.diffId);
  findings.same(`${label}, uncompressed size`, layer.diffSize, computed.diffSize);
  findings.same(
    `${label}, files with setuid, setgid or write permission for all`,
    JSON.stringify(layer.special),
    JSON.stringify(computed.special),
  );
  // Another version of the compressor may make other bytes, so only the uncompressed stream is compared.
  if (!isExact(layer)) return inspector.facts;
  findings.same(`${label}, digest`, layer.digest, computed.digest);
  findings.same(`${label}, size`, layer.size, computed.size);
  // The annotations of a blob made elsewhere come from its manifest, and are checked with the blob.
  if (layer.content.blob !== undefined) return inspector.facts;
  const [claimed, made] = [layer, computed].map(({ annotations }) => JSON.stringify(annotations));
  findings.same(`${label}, annotations`, claimed, made);
  return inspector.facts;
}
