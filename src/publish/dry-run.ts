/**
 * Finds the layers that a push would send. In a push, skopeo asks the registry for each layer, and reads the missing
 * layers from the local view. In a dry run, the view refuses all layers, and records the digests of the requested ones:
 * these layers are missing in the registry.
 *
 * The view also has an extra layer that no registry has, after the image's own layers. A request for the extra layer
 * proves that the registry answered, and the refusal keeps skopeo from writing the config.
 */
import { fullNameOf } from "../image/export.ts";
import { randomBytes } from "node:crypto";
import { descriptor, encode, ImageConfig, Manifest } from "../oci/documents.ts";
import type { LayerPool } from "../serve/layer-pool.ts";
import { startRegistry } from "../serve/server.ts";
import { fixedRepositories } from "../serve/repositories.ts";
import { isLayer, type Blob, type Document, type View } from "../serve/view.ts";
import { ToolError } from "../util/run-tool.ts";
import { copy, isThere, type CopyOptions } from "./copy.ts";
import type { Destination } from "../oci/destination.ts";
import type { LayerBlob } from "../serve/layer-blob.ts";
import { parseJson } from "../oci/json.ts";
import { sha256 } from "../oci/digest.ts";

export interface DryRun {
  layers: LayerBlob[];
  /** Bytes of index, manifests and configs; 0 if the reference already leads to this image. */
  documents: number;
}

/** Refuses layers and records the requested digests. */
class Refused extends Map<string, Blob> {
  readonly layers = new Set<string>();

  override get(digest: string): Blob | undefined {
    const blob = super.get(digest);
    if (blob === undefined || isLayer(blob)) this.layers.add(digest);
    return blob === undefined || isLayer(blob) ? undefined : blob;
  }
}

/** `images`: the images that an index lists, or the image itself. */
export async function dryRun(
  view: View,
  images: View[],
  reference: Destination,
  options: CopyOptions & { pool: LayerPool },
): Promise<DryRun> {
  const missing = new Set<string>();
  // Copy the images one after another: skopeo stops at the first image that it cannot copy.
  for (const image of images) for (const digest of await missingLayers(image, reference, options)) missing.add(digest);
  const blobs = [...view.blobs.values()];
  const documents = [view.manifest, ...view.parts, ...blobs.filter(isDocument)];
  return {
    layers: blobs.filter(isLayer).filter(({ digest }) => missing.has(digest)),
    documents: (await isThere(view, fullNameOf(reference), options))
      ? 0
      : documents.reduce((sum, { bytes }) => sum + bytes.length, 0),
  };
}

function isDocument(blob: Blob): blob is Document {
  return !isLayer(blob);
}

/** The digests of the layers that the registry lacks. */
async function missingLayers(
  view: View,
  reference: Destination,
  { pool, ...options }: CopyOptions & { pool: LayerPool },
): Promise<Set<string>> {
  const { probe, probeDigest } = withExtraLayer(view);
  const refused = new Refused(probe.blobs);
  await using registry = await startRegistry(fixedRepositories({ ...probe, blobs: refused }), pool);
  try {
    await copy(registry, probe, fullNameOf(reference), { ...options, delays: [], isDry: true });
  } catch (error) {
    // The copy must fail. If the extra layer was not requested, the registry did not answer: rethrow.
    if (!(error instanceof ToolError) || !refused.layers.has(probeDigest)) throw error;
  }
  return refused.layers;
}

/** The same image with an extra layer of random content. */
function withExtraLayer(view: View): { probe: View; probeDigest: string } {
  const probeDigest = sha256(randomBytes(32));
  const manifest = parseJson(Manifest, view.manifest.bytes, "the manifest");
  const config = view.blobs.get(manifest.config.digest);
  if (config === undefined || isLayer(config)) throw new Error("the view has no config");
  const { rootfs, history = [], ...rest } = parseJson(ImageConfig, config.bytes, "the config");
  const configBytes = encode({
    ...rest,
    rootfs: { ...rootfs, diff_ids: [...rootfs.diff_ids, probeDigest] },
    history: [...history, { created_by: "probe" }],
  });
  const own = descriptor(manifest.config.mediaType, configBytes);
  const mediaType = manifest.layers[0]?.mediaType ?? "application/vnd.oci.image.layer.v1.tar";
  const bytes = encode({
    ...manifest,
    config: own,
    layers: [...manifest.layers, { mediaType, digest: probeDigest, size: 1 }],
  });
  const probeManifest: Document = { mediaType: view.manifest.mediaType, digest: sha256(bytes), bytes };
  const layers = [...view.blobs].filter(([, blob]) => isLayer(blob));
  const probeConfig: Document = { mediaType: own.mediaType, digest: own.digest, bytes: configBytes };
  return {
    probe: { ...view, manifest: probeManifest, blobs: new Map([...layers, [own.digest, probeConfig]]) },
    probeDigest,
  };
}
