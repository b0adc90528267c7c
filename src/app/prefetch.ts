/**
 * Fetches bases from registries into the store with skopeo. It runs as the user, and so uses the user's credentials,
 * mirrors, proxies and certificate authorities. A Nix build has no credentials and no mirrors. It has proxies and
 * authorities only from the environment of the process that builds, which may be the daemon.
 */
import { type Spec } from "../language/index.ts";
import type { Lock } from "../lock/lock-file.ts";
import { BuildFailure } from "../nix/build-log.ts";
import { storeOptions } from "../nix/options.ts";
import { retrying } from "../registry/retry.ts";
import type { Pin } from "../registry/pin.ts";
import { BLOB_NAME, isInStore, prefetch } from "../registry/prefetch.ts";
import { ToolError } from "../util/run-tool.ts";
import { MACHINE_PLATFORM } from "../oci/machine-platform.ts";
import { platformText } from "../oci/platform.ts";
import { entryOf } from "../lock/pins.ts";

/**
 * Environment variables of proxies. If one is set, skopeo fetches before the build: a Nix build may lack the variable
 * (a daemon has its own environment), and might then hang until a time-out.
 */
const PROXIES = ["http_proxy", "https_proxy", "all_proxy"];

interface PinnedBase {
  reference: string;
  pin: Pin;
}

export interface PrefetchContext {
  spec: Spec;
  lock: Lock;
  /** Options of `nix build`. */
  options: string[];
  note: (line: string) => void;
  signal: AbortSignal | undefined;
}

/**
 * Builds. If a proxy is set, skopeo fetches the bases first. If the build cannot fetch a base, skopeo fetches that
 * base, and the build is repeated.
 */
export async function withBases<T>(build: () => Promise<T>, context: PrefetchContext): Promise<T> {
  const { spec, lock, options } = context;
  const bases = pinnedBases(spec, lock);
  const store = storeOptions(options);
  if (bases.length > 0 && hasProxy()) {
    for (const base of bases) if (!(await isInStore(base.pin, store))) await fetchOrSay(base, store, context);
  }
  try {
    return await build();
  } catch (error) {
    const failed: PinnedBase[] = [];
    for (const base of bases) {
      const isRefused = hasRefusedBlob(error) && !(await isInStore(base.pin, store));
      if (isRefused || isAbout(error, base.reference)) failed.push(base);
    }
    if (failed.length === 0) throw error;
    for (const base of failed) if (!(await fetchOrSay(base, store, context))) throw error;
  }
  return await build();
}

function hasProxy(): boolean {
  const names = [...PROXIES, ...PROXIES.map((name) => name.toUpperCase())];
  return names.some((name) => (process.env[name] ?? "") !== "");
}

/** Whether a build failed because it could not fetch this base (src/builder/actions/fetch.ts). */
function isAbout(error: unknown, reference: string): boolean {
  if (!(error instanceof BuildFailure)) return false;
  return error.findings.some(({ at: [setting, name] }) => setting === "base" && name === reference);
}

/**
 * Whether Nix refused a fetched blob. It refuses a blob whose bytes contain the hash of a store path that the builder has,
 * such as the C library's, because a fixed output must not have references. skopeo can add such a blob to the store.
 */
function hasRefusedBlob(error: unknown): boolean {
  return error instanceof BuildFailure && error.builds.some(({ name }) => name === BLOB_NAME);
}

/** Fetches a base; if skopeo fails as well, notes the reason and returns false. */
async function fetchOrSay({ reference, pin }: PinnedBase, store: string[], { note, signal }: PrefetchContext) {
  note(`${reference}: fetching with skopeo`);
  try {
    await retrying(reference, { use: "fetch", signal, onRetry: note }, async () => {
      await prefetch(reference, pin, store, signal);
    });
    return true;
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    note(error.message);
    return false;
  }
}

function pinnedBases({ images }: Spec, lock: Lock): PinnedBase[] {
  const found = new Map<string, PinnedBase>();
  for (const { base, platforms } of images) {
    if (base.kind !== "registry") continue;
    for (const platform of platforms.length === 0 ? [MACHINE_PLATFORM] : platforms.map(platformText)) {
      const pin = entryOf(lock.bases, base.reference)?.platforms[platform];
      if (pin !== undefined) found.set(`${base.reference} ${platform}`, { reference: base.reference, pin });
    }
  }
  return [...found.values()];
}
