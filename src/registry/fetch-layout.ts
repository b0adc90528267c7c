/** Brings an image from a registry here, as an OCI layout in a folder. */
import { sha256 } from "../image/oci.ts";
import { ImageError } from "../image/read.ts";
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
    if (!(error instanceof ToolError)) throw error;
    const why = "it was changed on the way, or the registry is damaged";
    if (from.digest === undefined && UNKNOWN.test(error.message))
      throw new ImageError(`${exactly(from)} is answered with ${digest}, which the registry does not have: ${why}`);
    if (DAMAGED.test(error.message)) throw new ImageError(`${exactly(from)}: ${error.message}: ${why}`);
    throw error;
  }
}

/** As registries and skopeo say that there is no such image, and that bytes have another digest. */
const UNKNOWN = /manifest unknown/;
const DAMAGED = /digest did not match|does not match (?:provided manifest digest|expected)/i;

/** The digest of what the registry says a tag is. */
async function digestNow(from: RegistryReference, { insecure, signal }: FetchOptions): Promise<string> {
  const tls = insecure ? ["--tls-verify=false"] : [];
  return sha256(
    Buffer.from(await runTool("skopeo", ["inspect", "--raw", ...tls, `docker://${exactly(from)}`], { signal })),
  );
}
