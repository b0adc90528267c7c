/** A registry view of one image for the time that a tool pulls from it. */
import type { LayerPool } from "../serve/layer-pool.ts";
import type { LayerEvent, Realise } from "../serve/send-blob.ts";
import { startRegistry, type Registry } from "../serve/server.ts";
import { fixedShelf, type Repository } from "../serve/repositories.ts";
import type { View } from "../serve/view.ts";
import { ToolError } from "../util/run-tool.ts";

/** Milliseconds that a tool may take nothing: it is our own, and what it hands on to may be slow. */
const STALL = 3_600_000;
const NOTHING = new Map<string, Repository>();

export interface ViewOptions {
  pool: LayerPool;
  signal?: AbortSignal | undefined;
  onLayer?: (event: LayerEvent) => void;
  realise?: Realise | undefined;
  /** Hears that a tool reaches this registry. */
  onRequest?: () => void;
}

/** A registry view that records the time of the last progress. */
export interface WatchedRegistry extends Registry {
  /** The time (`performance.now()`) of the last request or piece of a layer. */
  readonly lastProgress: number;
}

/**
 * `work` is stopped by its signal as soon as a layer cannot be made: nothing that a tool could try again would help. Then,
 * and when `signal` stops it, the registry is empty.
 */
export async function withRegistry<T>(
  view: View,
  { pool, signal, onLayer = () => {}, realise, onRequest = () => {} }: ViewOptions,
  work: (registry: WatchedRegistry, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const failed = new AbortController();
  const both = AbortSignal.any([failed.signal, ...(signal === undefined ? [] : [signal])]);
  let lastProgress = performance.now();
  const listener = (event: LayerEvent) => {
    lastProgress = performance.now();
    onLayer(event);
    if (event.kind === "damaged") failed.abort(new ToolError(event.message));
  };
  const full = fixedShelf(view);
  const shelf = {
    repositories: () => {
      lastProgress = performance.now();
      onRequest();
      return both.aborted ? NOTHING : full.repositories();
    },
  };
  const registry = await startRegistry(shelf, pool, { onLayer: listener, realise, stall: STALL });
  both.addEventListener("abort", registry.cut);
  try {
    const watched = {
      ...registry,
      get lastProgress() {
        return lastProgress;
      },
    };
    return await work(watched, both);
  } catch (error) {
    failed.abort(error);
    throw both.reason;
  } finally {
    await registry.close();
  }
}
