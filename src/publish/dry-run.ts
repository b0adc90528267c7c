/**
 * Finds out which layers a push would send. skopeo asks the registry for each layer, and asks here for those it lacks; a
 * view that refuses all layers so learns their names, and sends none.
 *
 * One layer more, which no registry has, stands behind the image's own: that it is asked for proves that the registry
 * answered, and that it is refused keeps skopeo from ever writing the config.
 */
import { randomBytes } from "node:crypto";
import { descriptor, encode, ImageConfig, Manifest, sha256 } from "../image/oci.ts";
import { parseJson } from "../image/read.ts";
import type { LayerBlob } from "../serve/make.ts";
import type { LayerPool } from "../serve/pool.ts";
import { startRegistry } from "../serve/server.ts";
import { fixedShelf } from "../serve/shelf.ts";
import { isLayer, type Blob, type Document, type View } from "../serve/view.ts";
import { ToolError } from "../tool/run.ts";
import { copy, isThere, type CopyOptions } from "./copy.ts";
import { written, type Reference } from "./reference.ts";

export interface DryRun {
  layers: LayerBlob[];
  /** Bytes of config and manifest; 0 where the reference leads to this image already. */
  documents: number;
}

/** Refuses layers, and remembers which were asked for. */
class Refused extends Map<string, Blob> {
  readonly layers = new Set<string>();

  override get(digest: string): Blob | undefined {
    const blob = super.get(digest);
    if (blob === undefined || isLayer(blob)) this.layers.add(digest);
    return blob === undefined || isLayer(blob) ? undefined : blob;
  }
}

/** `view`: an image for one platform. */
export async function dryRun(
  view: View,
  reference: Reference,
  { pool, ...options }: CopyOptions & { pool: LayerPool },
): Promise<DryRun> {
  const { probe, extra } = withExtraLayer(view);
  const refused = new Refused(probe.blobs);
  const registry = await startRegistry(fixedShelf({ ...probe, blobs: refused }), pool);
  try {
    await copy(registry, probe, written(reference), { ...options, delays: [], isDry: true });
  } catch (error) {
    // The copy must fail. Where it never asked for the extra layer, the registry did not answer: a real error.
    if (!(error instanceof ToolError) || !refused.layers.has(extra)) throw error;
  } finally {
    await registry.close();
  }
  const there = await isThere(view, written(reference), options);
  const blobs = [...view.blobs.values()];
  return {
    layers: blobs.filter(isLayer).filter(({ digest }) => refused.layers.has(digest)),
    documents: there
      ? 0
      : view.manifest.bytes.length + blobs.reduce((sum, blob) => sum + (isLayer(blob) ? 0 : blob.bytes.length), 0),
  };
}

/** The same image with one more layer, of random content. */
function withExtraLayer(view: View): { probe: View; extra: string } {
  const extra = sha256(randomBytes(32));
  const manifest = parseJson(Manifest, view.manifest.bytes, "the manifest");
  const config = view.blobs.get(manifest.config.digest);
  if (config === undefined || isLayer(config)) throw new Error("the view has no config");
  const { rootfs, history = [], ...rest } = parseJson(ImageConfig, config.bytes, "the config");
  const configBytes = encode({
    ...rest,
    rootfs: { ...rootfs, diff_ids: [...rootfs.diff_ids, extra] },
    history: [...history, { created_by: "probe" }],
  });
  const own = descriptor(manifest.config.mediaType, configBytes);
  const mediaType = manifest.layers[0]?.mediaType ?? "application/vnd.oci.image.layer.v1.tar";
  const bytes = encode({
    ...manifest,
    config: own,
    layers: [...manifest.layers, { mediaType, digest: extra, size: 1 }],
  });
  const probeManifest: Document = { mediaType: view.manifest.mediaType, digest: sha256(bytes), bytes };
  const layers = [...view.blobs].filter(([, blob]) => isLayer(blob));
  const probeConfig: Document = { mediaType: own.mediaType, digest: own.digest, bytes: configBytes };
  return {
    probe: { ...view, manifest: probeManifest, blobs: new Map([...layers, [own.digest, probeConfig]]) },
    extra,
  };
}
