/** Replays a trace against a planner and counts the bytes that a client pulls again. */
import { upstreamVersion, type Snapshot, type TracePath } from "./trace.ts";

export interface PlanInput {
  maxLayers: number;
  closure: TracePath[];
  /** The layers and the planner's state of the previous build; null at the first build. */
  previous: { layers: string[][]; state: unknown } | null;
}

export type Planner = (input: PlanInput) => { layers: string[][]; state?: unknown };

export interface Result {
  /** Bytes of layers that the previous image lacked, over all builds but the first. */
  pulled: number;
  /** The same bytes compressed, and as a client with zstd:chunked layers pulls them, an estimate. */
  packed: number;
  chunked: number;
  /** Bytes of paths that the previous image lacked: the bytes pulled with one layer for each path. */
  changed: number;
  /** Average milliseconds of a plan. */
  time: number;
}

/**
 * Bytes of a store path that a client with zstd:chunked layers pulls, as a share of the path's bytes in a plain layer with zstd.
 * `npm run bench chunked` measures paths that the client has in another layer (`same`: only the tables are pulled), and paths in
 * which only hashes of references changed (`rehashed`). `npm run bench chunk-updates` measures paths with the same upstream version
 * but another content (`patched`), with another upstream version (`upgraded`), and with a new name (`added`): means over all
 * suites, weighted by bytes.
 */
export const CHUNKED = { same: 0.01, rehashed: 0.02, patched: 0.9, upgraded: 1.05, added: 1.08 };

export function replay(builds: Snapshot[], planner: Planner, maxLayers: number): Result {
  const result: Result = { pulled: 0, packed: 0, chunked: 0, changed: 0, time: 0 };
  let previous: PlanInput["previous"] = null;
  let before = { layers: new Set<string>(), paths: new Set<string>(), contents: new Map<string, string>() };
  for (const { label, closure } of builds) {
    const started = performance.now();
    const { layers, state } = planner({ maxLayers, closure, previous });
    result.time += (performance.now() - started) / builds.length;

    const nodes = new Map(closure.map((node) => [node.path, node]));
    const sizes = new Map(closure.map(({ path, size }) => [path, size]));
    check(label, layers, sizes, maxLayers);
    const identities = layers.map((layer) => layer.toSorted().join());
    if (previous !== null) {
      layers.forEach((layer, i) => {
        if (before.layers.has(identities[i] as string)) return;
        for (const path of layer) {
          const node = nodes.get(path) as TracePath;
          result.pulled += node.size;
          result.packed += node.packed;
          const share = before.paths.has(path) ? CHUNKED.same : shareOf(node, before.contents.get(node.name));
          result.chunked += share * node.packed;
        }
      });
      for (const [path, size] of sizes) if (!before.paths.has(path)) result.changed += size;
    }
    before = {
      layers: new Set(identities),
      paths: new Set(sizes.keys()),
      contents: new Map(closure.map(({ name, content }) => [name, content])),
    };
    previous = { layers, state };
  }
  return result;
}

/** The share that a client pulls of a path that it lacks. `before`: the content of its path with the same name. */
function shareOf({ content }: TracePath, before: string | undefined): number {
  if (before === undefined) return CHUNKED.added;
  if (before === content) return CHUNKED.rehashed;
  const upstream = ([version = ""]: string[]) => upstreamVersion(version);
  return upstream(before.split(" ")) === upstream(content.split(" ")) ? CHUNKED.patched : CHUNKED.upgraded;
}

/** Throws unless each path is in exactly one layer, no layer is empty, and the limit holds. */
function check(label: string, layers: string[][], sizes: Map<string, number>, maxLayers: number): void {
  const wrong = (problem: string) => new Error(`${label}: ${problem}`);
  if (layers.length > maxLayers) throw wrong(`${layers.length} layers, ${maxLayers} allowed`);
  const seen = new Set<string>();
  for (const layer of layers) {
    if (layer.length === 0) throw wrong("an empty layer");
    for (const path of layer) {
      if (seen.has(path) || !sizes.has(path)) throw wrong(`${path} is in two layers, or not in the closure`);
      seen.add(path);
    }
  }
  if (seen.size !== sizes.size) throw wrong("paths are missing");
}
