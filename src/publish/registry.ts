/** Runs a local registry with one image while a tool pulls from it. */
import type { LayerPool } from "../serve/layer-pool.ts";
import type { LayerEvent, Realise } from "../serve/send-blob.ts";
import { startRegistry, type Registry } from "../serve/server.ts";
import { fixedRepositories, type Repository } from "../serve/repositories.ts";
import type { View } from "../serve/view.ts";
import { DamagedLayer } from "../serve/layer-bytes.ts";

/**
 * The tool is disconnected after this many milliseconds without reading. This is long, since the tool is trusted, and
 * may wait for a slow destination.
 */
const STALL = 3_600_000;
const NOTHING = new Map<string, Repository>();

export interface ViewOptions {
  pool: LayerPool;
  signal?: AbortSignal | undefined;
  onLayer?: (event: LayerEvent) => void;
  realise?: Realise | undefined;
  /** Called for each request. */
  onRequest?: () => void;
}

/** A registry view that records the time of the last progress. */
export interface WatchedRegistry extends Registry {
  /** The time (`performance.now()`) of the last request or piece of a layer. */
  readonly lastProgress: number;
}

/**
 * Runs `work` with the registry, and with a signal. This signal is aborted together with `signal`, or if a layer cannot
 * be made, since no retry of the tool would help. After that, the registry answers as if it were empty.
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
    if (event.kind === "damaged") failed.abort(new DamagedLayer(event.message));
  };
  const whole = fixedRepositories(view);
  const source = {
    repositories: () => {
      lastProgress = performance.now();
      onRequest();
      return both.aborted ? NOTHING : whole.repositories();
    },
  };
  await using registry = await startRegistry(source, pool, { onLayer: listener, realise, stall: STALL });
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
  }
}
