/** Brings an image from a registry here, as an OCI layout in a folder. */
import { sha256 } from "../image/oci.ts";
import { runTool, ToolError } from "../tool/run.ts";
import { exactly, type RegistryReference } from "./reference.ts";

export interface FetchOptions {
  insecure: boolean;
  signal?: AbortSignal | undefined;
  /** Of an image for several platforms the one that is meant, or "all"; without it, this machine's. */
  platform?: string;
}

/**
 * Bytes as the registry has them: all digests stay. What a tag names is fetched by its digest, which holds all else to it:
 * an answer that was changed on the way leads nowhere.
 */
export async function fetchLayout(
  from: RegistryReference,
  folder: string,
  { insecure, signal, platform }: FetchOptions,
): Promise<void> {
  const digest = from.digest ?? (await digestNow(from, { insecure, signal }));
  const [os = "", architecture = "", variant] = platform === undefined || platform === "all" ? [] : platform.split("/");
  const overrides = { os, arch: architecture, variant: variant ?? "" };
  const args = [
    "--insecure-policy",
    ...Object.entries(overrides).flatMap(([name, value]) => (value === "" ? [] : [`--override-${name}=${value}`])),
    "copy",
    "--preserve-digests",
    "--retry-times=3",
    ...(platform === "all" ? ["--all"] : []),
    ...(insecure ? ["--src-tls-verify=false"] : []),
  ];
  try {
    await runTool("skopeo", [...args, `docker://${exactly(from, digest)}`, `oci:${folder}`], { signal });
  } catch (error) {
    if (!(error instanceof ToolError) || from.digest !== undefined || !error.message.includes("manifest unknown"))
      throw error;
    const why = "it was changed on the way, or the registry is damaged";
    throw new ToolError(`${exactly(from)} is answered with ${digest}, which the registry does not have: ${why}`);
  }
}

/** The digest of what the registry says a tag is. */
async function digestNow(from: RegistryReference, { insecure, signal }: FetchOptions): Promise<string> {
  const tls = insecure ? ["--tls-verify=false"] : [];
  const raw = await runTool("skopeo", ["inspect", "--raw", ...tls, `docker://${exactly(from)}`], { signal });
  return sha256(Buffer.from(raw));
}
