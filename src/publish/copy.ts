/** skopeo between a registry view here and a registry elsewhere: it knows credentials, mirrors, retries and quirks. */
import { sha256 } from "../image/oci.ts";
import type { Registry } from "../serve/server.ts";
import type { View } from "../serve/view.ts";
import { runTool, ToolError } from "../tool/run.ts";

export interface CopyOptions {
  /** Plain HTTP, or a certificate that nobody vouches for. */
  insecure: boolean;
  retries?: number;
  signal?: AbortSignal | undefined;
}

const RETRIES = 3;
/** As skopeo writes an answer of the registry. */
const REGISTRY_FAILED = /HTTP status:? 5\d\d/;

/** `to`: a reference by tag or digest. `how`: what of the bytes may change on the way, as skopeo says it. */
export async function copy(
  registry: Registry,
  view: View,
  to: string,
  options: CopyOptions,
  how: string[] = ["--preserve-digests"],
): Promise<void> {
  const { insecure, retries = RETRIES, signal } = options;
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
    await runTool("skopeo", args, { signal });
  } catch (error) {
    if (!(error instanceof ToolError && REGISTRY_FAILED.test(error.message))) throw error;
    const why = "the registry failed, and its log says why (a full disk, perhaps); what has arrived is not sent again";
    throw new ToolError(`${error.message}; ${why}`);
  }
}

/** Whether the reference leads to this very image. */
export async function isThere(view: View, to: string, options: CopyOptions): Promise<boolean> {
  const manifest = await manifestAt(to, options);
  return manifest !== undefined && sha256(Buffer.from(manifest)) === view.manifest.digest;
}

/** The manifest that a reference leads to; undefined where the registry has none, or does not say. */
export async function manifestAt(reference: string, options: CopyOptions): Promise<string | undefined> {
  const flags = options.insecure ? ["--tls-verify=false"] : [];
  try {
    return await runTool("skopeo", ["inspect", "--raw", ...flags, `docker://${reference}`], options);
  } catch (error) {
    if (error instanceof ToolError) return undefined;
    throw error;
  }
}
