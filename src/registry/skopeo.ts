/** Runs skopeo, and stops it if there is no progress. */
import { lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { runTool } from "../util/run-tool.ts";
import { StalledError } from "./retry.ts";
import { READ_SILENCE } from "./time-limits.ts";
import { currentWaits, type LimitedError } from "./waits.ts";

export interface SkopeoOptions {
  signal?: AbortSignal | undefined;
  /** skopeo is stopped after this many milliseconds without progress. */
  silence?: number | undefined;
  /** The time (`performance.now()`) of the last sign of progress; by default the start of skopeo. */
  lastProgress?: (() => number) | undefined;
  env?: Record<string, string>;
}

export async function skopeo(args: string[], options: SkopeoOptions = {}): Promise<string> {
  const { signal, silence = READ_SILENCE, lastProgress, env = {} } = options;
  const started = performance.now();
  const waits = currentWaits.getStore();
  let limited: LimitedError | undefined;
  const stalled = new AbortController();
  const timer = setInterval(
    () => {
      const quiet = performance.now() - Math.max(started, lastProgress?.() ?? started);
      if (quiet > silence) stalled.abort();
    },
    Math.min(silence / 4, 1000),
  );
  try {
    // Only the debug log tells that skopeo waits.
    return await runTool("skopeo", waits === undefined ? args : ["--debug", ...args], {
      signal: AbortSignal.any([stalled.signal, ...(signal === undefined ? [] : [signal])]),
      env,
      onErrorLine: (line) => {
        limited ??= waits?.read(line, lastProgress?.() ?? 0);
        if (limited !== undefined) stalled.abort();
      },
    });
  } catch (error) {
    if (limited !== undefined && signal?.aborted !== true) throw limited;
    if (stalled.signal.aborted && signal?.aborted !== true) {
      throw new StalledError(`gave no answer for ${Math.round(silence / 1000)} s`);
    }
    throw error;
  } finally {
    clearInterval(timer);
  }
}

/** A `lastProgress` for a copy into a folder: returns the time when a change of the folder's size was last observed. */
export function growth(folder: string): () => number {
  let size = 0;
  let changed = 0;
  return () => {
    const now = sizeOf(folder);
    if (now !== size) [size, changed] = [now, performance.now()];
    return changed;
  };
}

/** The bytes of all files in a folder; 0 if the folder is missing. skopeo may delete files at the same time. */
function sizeOf(folder: string): number {
  try {
    const entries = readdirSync(folder, { withFileTypes: true });
    return entries.reduce((sum, entry) => {
      const path = join(folder, entry.name);
      return sum + (entry.isDirectory() ? sizeOf(path) : (lstatSync(path, { throwIfNoEntry: false })?.size ?? 0));
    }, 0);
  } catch {
    return 0;
  }
}
