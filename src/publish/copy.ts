/** skopeo between a registry view here and a registry elsewhere: it knows credentials, mirrors, retries and quirks. */
import { sha256 } from "../image/oci.ts";
import type { Registry } from "../serve/server.ts";
import type { View } from "../serve/view.ts";
import { runTool, ToolError } from "../tool/run.ts";
import { blobCache } from "./blob-cache.ts";
import { explain } from "./explain.ts";

/** In the words of several registries. */
const HAS_NONE = /(manifest|name) unknown|not found|HTTP status:? 404/i;

export interface CopyOptions {
  /** Plain HTTP, or a certificate that nobody vouches for. */
  insecure: boolean;
  retries?: number;
  /** The registry is only asked. */
  isDry?: boolean;
  /** Hears that the registry failed for the moment. */
  onRetry?: (message: string) => void;
  signal?: AbortSignal | undefined;
}

const RETRIES = 3;
/** As skopeo says that it tries again, after its own words of why. */
const RETRIES_IN = /retrying in ([\d.]+m?s)/i;

/** `to`: a reference by tag or digest. `how`: what of the bytes may change on the way, as skopeo says it. */
export async function copy(
  registry: Registry,
  view: View,
  to: string,
  options: CopyOptions,
  how: string[] = ["--preserve-digests"],
): Promise<void> {
  const { insecure, retries = RETRIES, isDry = false, onRetry = () => {}, signal } = options;
  const source = `docker://${registry.address}/${view.repository}@${view.manifest.digest}`;
  const args = [
    // A policy says what to trust of others; this image is our own.
    "--insecure-policy",
    "copy",
    ...how,
    ...(view.parts.length > 0 ? ["--all"] : []),
    `--retry-times=${retries}`,
    "--src-tls-verify=false",
    "--src-no-creds",
    ...(insecure ? ["--dest-tls-verify=false"] : []),
    source,
    `docker://${to}`,
  ];
  try {
    const onErrorLine = (line: string) => {
      const [, delay] = RETRIES_IN.exec(line) ?? [];
      if (delay !== undefined) onRetry(`${to}: failed, trying again in ${delay}`);
    };
    await runTool("skopeo", args, { signal, env: blobCache(isDry), onErrorLine });
  } catch (error) {
    throw error instanceof ToolError ? new ToolError(explain(to, error.message)) : error;
  }
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

/** The manifest that a reference leads to; undefined where the registry has none. */
export async function manifestAt(reference: string, options: CopyOptions): Promise<string | undefined> {
  const flags = options.insecure ? ["--tls-verify=false"] : [];
  try {
    return await runTool("skopeo", ["inspect", "--raw", ...flags, `docker://${reference}`], options);
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    if (HAS_NONE.test(error.message)) return undefined;
    throw new ToolError(explain(reference, error.message));
  }
}
