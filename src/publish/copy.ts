/** Copies with skopeo between a local registry view and a remote registry. skopeo handles credentials, mirrors and quirks. */
import type { Registry } from "../serve/server.ts";
import type { View } from "../serve/view.ts";
import { hostOf } from "../registry/skopeo-errors.ts";
import { manifestAt, type ReadOptions } from "../registry/manifest.ts";
import { retrying } from "../registry/retry.ts";
import { skopeo } from "../registry/skopeo.ts";
import { PUSH_SILENCE } from "../registry/time-limits.ts";
import { ToolError } from "../util/run-tool.ts";
import { blobCache } from "./blob-cache.ts";
import { sha256 } from "../oci/digest.ts";

export interface CopyOptions extends ReadOptions {
  /** Only query the registry. */
  isDry?: boolean;
  /** The time (`performance.now()`) of the last sign of progress; by default the start of the attempt. */
  lastProgress?: () => number;
}

/** `to`: a reference by tag or digest. `flags`: options of skopeo that decide whether skopeo may change documents. */
export async function copy(
  registry: Registry,
  view: View,
  to: string,
  options: CopyOptions,
  flags: string[] = ["--preserve-digests"],
): Promise<void> {
  const source = `docker://${registry.address}/${view.repository}@${view.manifest.digest}`;
  const args = [
    // Signature policies are for pulled images; this image was built here.
    "--insecure-policy",
    "copy",
    ...flags,
    ...(view.parts.length > 0 ? ["--all"] : []),
    "--src-tls-verify=false",
    "--src-no-creds",
    ...(options.insecure ? ["--dest-tls-verify=false"] : []),
    source,
    `docker://${to}`,
  ];
  await retrying(to, options, async () => await run(args, options));
}

/** Whether the reference already leads to this image; false if the registry's manifest cannot be read. */
export async function isThere(view: View, to: string, options: CopyOptions): Promise<boolean> {
  try {
    const manifest = await manifestAt(to, options);
    return manifest !== undefined && sha256(Buffer.from(manifest)) === view.manifest.digest;
  } catch (error) {
    if (error instanceof ToolError) return false;
    throw error;
  }
}

/** Reads the pushed manifest back; throws if the registry returns another one. */
export async function proveThere(view: View, to: string, options: CopyOptions): Promise<void> {
  const manifest = await manifestAt(to, options);
  const host = hostOf(to);
  if (manifest === undefined) throw new ToolError(`${to}: ${host} accepted the manifest, but does not have it now`);
  const digest = sha256(Buffer.from(manifest));
  if (digest === view.manifest.digest) return;
  if (!manifest.trimStart().startsWith("{")) {
    const start = manifest.trim().replace(/\s+/g, " ").slice(0, 40);
    throw new ToolError(
      `${to}: ${host} does not answer with a manifest ("${start}…"): it is not a registry, or it shows a login page`,
    );
  }
  throw new ToolError(`${to}: ${host} stores the manifest ${digest} instead of the pushed ${view.manifest.digest}`);
}

async function run(args: string[], options: CopyOptions): Promise<string> {
  const { signal, silence = PUSH_SILENCE, lastProgress, isDry } = options;
  return await skopeo(args, { signal, silence, lastProgress, env: blobCache(isDry) });
}
