/** Verifies an image directory: its checksums, its documents against each other, its layers against the store. */
import { compressorName } from "../layer/compress.ts";
import { digestLayer } from "../layer/digest.ts";
import type { Layer } from "../layer/recipe.ts";
import { checkSums } from "./checksums.ts";
import { checkClosure, Findings } from "./claims.ts";
import { checkExpect } from "./expect.ts";
import { LAYER_COMPRESSION, sha256 } from "./oci.ts";
import { documents, readImageDirectory, type ImageDirectory } from "./read.ts";
import type { Report } from "./verify.ts";

export async function verifyDirectory(path: string): Promise<Report> {
  const findings = new Findings();
  checkSums(findings, path, documents(path));
  const image = readImageDirectory(path);
  checkDocuments(findings, image);
  for (const [i, layer] of image.layers.entries()) await checkLayer(findings, i, layer, image.root);
  const { closure, expect } = image.file;
  checkClosure(
    findings,
    closure,
    image.layers.map(({ name, content }, i) => ({ name: `layer ${i} (${name})`, paths: content.paths })),
  );
  for (const sentence of checkExpect(expect, image.layers, closure)) findings.add(sentence);
  return {
    form: "image directory",
    digests: [sha256(image.manifestBytes)],
    layers: image.layers.length,
    paths: closure.length,
    size: image.layers.reduce((sum, layer) => sum + layer.diffSize, 0),
    findings: findings.sentences,
  };
}

function checkDocuments(findings: Findings, { manifest, config, configBytes, layers }: ImageDirectory): void {
  findings.same("config digest in the manifest", manifest.config.digest, sha256(configBytes));
  findings.same("config size in the manifest", manifest.config.size, configBytes.length);
  findings.same("layers in the manifest", manifest.layers.length, layers.length);
  findings.same("diff ids in the config", config.rootfs.diff_ids.length, layers.length);
  for (const [i, layer] of layers.entries()) {
    const described = manifest.layers[i];
    findings.same(`layer ${i}, digest in the manifest`, described?.digest, layer.digest);
    findings.same(`layer ${i}, size in the manifest`, described?.size, layer.size);
    const algorithm = LAYER_COMPRESSION.get(described?.mediaType ?? "");
    findings.same(`layer ${i}, compression by media type`, algorithm, layer.compression.algorithm);
    findings.same(`layer ${i}, diff id in the config`, config.rootfs.diff_ids[i], layer.diffId);
  }
}

async function checkLayer(findings: Findings, i: number, layer: Layer, root: string): Promise<void> {
  const what = `layer ${i} (${layer.name})`;
  let computed: Layer;
  try {
    computed = await digestLayer(layer.name, layer.content, layer.compression, root);
  } catch (error) {
    findings.add(`${what} cannot be made again: ${error instanceof Error ? error.message : String(error)}`);
    return;
  }
  findings.same(`${what}, diff id`, layer.diffId, computed.diffId);
  findings.same(`${what}, uncompressed size`, layer.diffSize, computed.diffSize);
  // Another version of the compressor may rightly give other bytes: then only the stream itself can be compared.
  if (layer.compressor !== compressorName(layer.compression)) return;
  findings.same(`${what}, digest`, layer.digest, computed.digest);
  findings.same(`${what}, size`, layer.size, computed.size);
}
