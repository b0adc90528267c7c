/**
 * Sends an image to registries: skopeo in front of a registry view of it. With digests preserved skopeo asks each
 * registry first, so a layer is made only where it is missing, and what arrived before a failure is not sent again.
 */
import type { LayerPool } from "../serve/pool.ts";
import type { LayerEvent, Realise } from "../serve/send-blob.ts";
import { startRegistry } from "../serve/server.ts";
import { fixedShelf } from "../serve/shelf.ts";
import type { View } from "../serve/view.ts";
import { copy, type CopyOptions } from "./copy.ts";
import { hostOf, written, type Reference } from "./reference.ts";
import { ToolError } from "../tool/run.ts";

export interface PushOptions extends CopyOptions {
  pool: LayerPool;
  onLayer: (event: LayerEvent) => void;
  onPushed: (reference: Reference) => void;
  realise?: Realise | undefined;
}

export async function push(view: View, references: Reference[], options: PushOptions): Promise<void> {
  const failed = new AbortController();
  const signal = AbortSignal.any([failed.signal, ...(options.signal === undefined ? [] : [options.signal])]);
  const onLayer = (event: LayerEvent) => {
    options.onLayer(event);
    // Nothing that skopeo could try again would help.
    if (event.kind === "damaged") failed.abort(new ToolError(event.message));
  };
  const registry = await startRegistry(fixedShelf(view), options.pool, { onLayer, realise: options.realise });
  const toOneHost = async (same: Reference[]) => {
    for (const reference of same) {
      await copy(registry, view, written(reference), { ...options, signal });
      options.onPushed(reference);
    }
  };
  try {
    // One after the other for one registry: what the first tag brought, the second finds.
    await Promise.all([...Map.groupBy(references, hostOf).values()].map(toOneHost));
  } catch (error) {
    failed.abort(error);
    throw signal.reason;
  } finally {
    await registry.close();
  }
}
