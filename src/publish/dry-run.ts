/**
 * What a push would send. A view that gives its manifest and refuses every blob is put in front of skopeo: it asks the
 * registry for each layer, asks here for those that are missing, and sends none, since it gets none.
 */
import { startRegistry } from "../serve/server.ts";
import type { LayerBlob } from "../serve/make.ts";
import type { LayerPool } from "../serve/pool.ts";
import { fixedShelf } from "../serve/shelf.ts";
import { isLayer, type Blob, type View } from "../serve/view.ts";
import { copy, isThere, type CopyOptions } from "./copy.ts";
import { written, type Reference } from "./reference.ts";
import { ToolError } from "../tool/run.ts";

export interface DryRun {
  layers: LayerBlob[];
  /** Bytes of config and manifest; 0 where the reference leads to this image already. */
  documents: number;
}

/** Blobs that nobody gets, but of which is known who was asked for. */
class Asked extends Map<string, Blob> {
  readonly digests = new Set<string>();

  override get(digest: string): undefined {
    this.digests.add(digest);
  }
}

export async function dryRun(
  view: View,
  reference: Reference,
  { pool, ...options }: CopyOptions & { pool: LayerPool },
): Promise<DryRun> {
  const asked = new Asked();
  const registry = await startRegistry(fixedShelf({ ...view, blobs: asked }), pool);
  try {
    await copy(registry, view, written(reference), { ...options, retries: 0, isDry: true });
  } catch (error) {
    // It has to fail; but when it asked for nothing, it failed for a reason of its own.
    if (!(error instanceof ToolError) || asked.digests.size === 0) throw error;
  } finally {
    await registry.close();
  }
  const there = await isThere(view, written(reference), options);
  const blobs = [...view.blobs.values()];
  return {
    layers: blobs.filter(isLayer).filter(({ digest }) => asked.digests.has(digest)),
    documents: there
      ? 0
      : view.manifest.bytes.length + blobs.reduce((sum, blob) => sum + (isLayer(blob) ? 0 : blob.bytes.length), 0),
  };
}
