/** Copies with skopeo between a local registry view and a remote registry. skopeo handles credentials, mirrors and quirks. */
import type { Registry } from "../serve/server.ts";
import type { View } from "../serve/view.ts";
import { runTool, ToolError } from "../util/run-tool.ts";
import { blobCache } from "./blob-cache.ts";
import { hostOf } from "./skopeo-errors.ts";
import { retrying, StalledError, type RetryOptions } from "./retry.ts";
import { sha256 } from "../oci/digest.ts";

/** The error for a missing manifest, as several registries word it. */
const HAS_NONE = /(manifest|name) unknown|not found|HTTP status:? 404|StatusCode: 404/i;

export interface CopyOptions extends RetryOptions {
  /** Errors of plain HTTP, or of a certificate from an unknown authority. */
  insecure: boolean;
  /** The registry is only asked. */
  isDry?: boolean;
  /** An attempt is given up after this many milliseconds without progress. */
  stall?: number;
  /** The time (`performance.now()`) of the last sign of progress; by default the start of the attempt. */
  lastProgress?: () => number;
}

/** Long, because a registry may check gigabytes before it answers. */
const STALL = 300_000;

/** `to`: a reference by tag or digest. `how`: what of the bytes may change on the way, as skopeo says it. */
export async function copy(
  registry: Registry,
  view: View,
  to: string,
  options: CopyOptions,
  how: string[] = ["--preserve-digests"],
): Promise<void> {
  const source = `docker://${registry.address}/${view.repository}@${view.manifest.digest}`;
  const args = [
    // A signature policy is for images of others; this image is our own.
    "--insecure-policy",
    "copy",
    ...how,
    ...(view.parts.length > 0 ? ["--all"] : []),
    "--src-tls-verify=false",
    "--src-no-creds",
    ...(options.insecure ? ["--dest-tls-verify=false"] : []),
    source,
    `docker://${to}`,
  ];
  await retrying(to, options, async () => await skopeo(args, options));
}

/** The manifest of a reference; undefined if the registry has none. */
export async function manifestAt(reference: string, options: CopyOptions): Promise<string | undefined> {
  const flags = options.insecure ? ["--tls-verify=false"] : [];
  return await retrying(reference, options, async () => {
    try {
      return await skopeo(["inspect", "--raw", ...flags, `docker://${reference}`], options);
    } catch (error) {
      if (error instanceof ToolError && HAS_NONE.test(error.message)) return undefined;
      throw error;
    }
  });
}

/** Whether the reference leads to this very image; false also where the registry does not say. */
export async function isThere(view: View, to: string, options: CopyOptions): Promise<boolean> {
  try {
    const manifest = await manifestAt(to, options);
    return manifest !== undefined && sha256(Buffer.from(manifest)) === view.manifest.digest;
  } catch (error) {
    if (error instanceof ToolError) return false;
    throw error;
  }
}

/** Reads the reference back; throws if it is not the image that was pushed. */
export async function proveThere(view: View, to: string, options: CopyOptions): Promise<void> {
  const manifest = await manifestAt(to, options);
  const host = hostOf(to);
  if (manifest === undefined) throw new ToolError(`${to}: ${host} accepted the manifest and does not have it now`);
  const digest = sha256(Buffer.from(manifest));
  if (digest === view.manifest.digest) return;
  if (!manifest.trimStart().startsWith("{")) {
    const start = manifest.trim().replace(/\s+/g, " ").slice(0, 40);
    throw new ToolError(
      `${to}: ${host} answers with other text than a manifest ("${start}…"): it is no registry, or a login page stands in front of it`,
    );
  }
  throw new ToolError(
    `${to}: ${host} stores another manifest, ${digest}, than the one that was sent, ${view.manifest.digest}`,
  );
}

/** Runs skopeo, and stops it if there is no progress. */
async function skopeo(args: string[], { signal, isDry = false, stall = STALL, lastProgress }: CopyOptions) {
  const started = performance.now();
  const stalled = new AbortController();
  const timer = setInterval(
    () => {
      const quiet = performance.now() - Math.max(started, lastProgress?.() ?? started);
      if (quiet > stall) stalled.abort();
    },
    Math.min(stall / 4, 1000),
  );
  try {
    return await runTool("skopeo", args, {
      signal: AbortSignal.any([stalled.signal, ...(signal === undefined ? [] : [signal])]),
      env: blobCache(isDry),
    });
  } catch (error) {
    if (stalled.signal.aborted && signal?.aborted !== true) {
      throw new StalledError(`gave no answer for ${Math.round(stall / 1000)} s`);
    }
    throw error;
  } finally {
    clearInterval(timer);
  }
}
