/** skopeo between a registry view here and a registry elsewhere: it knows credentials, mirrors, retries and quirks. */
import { sha256 } from "../image/oci.ts";
import type { Registry } from "../serve/server.ts";
import type { View } from "../serve/view.ts";
import type { Reference } from "./reference.ts";
import { runTool, ToolError } from "../tool/run.ts";

export interface CopyOptions {
  /** Plain HTTP, or a certificate that nobody vouches for. */
  insecure: boolean;
  retries?: number;
  signal?: AbortSignal | undefined;
}

const RETRIES = 3;

export async function copy(registry: Registry, view: View, to: Reference, options: CopyOptions): Promise<void> {
  const { insecure, retries = RETRIES, signal } = options;
  const source = `docker://${registry.address}/${view.repository}@${view.manifest.digest}`;
  await runTool(
    "skopeo",
    [
      // A policy says what to trust of others; this image is our own.
      "--insecure-policy",
      "copy",
      "--preserve-digests",
      `--retry-times=${retries}`,
      "--src-tls-verify=false",
      "--src-no-creds",
      ...(insecure ? ["--dest-tls-verify=false"] : []),
      source,
      `docker://${to.name}:${to.tag}`,
    ],
    { signal },
  );
}

/** Whether the reference leads to this very image. */
export async function isThere(view: View, { name, tag }: Reference, options: CopyOptions): Promise<boolean> {
  const flags = options.insecure ? ["--tls-verify=false"] : [];
  try {
    const manifest = await runTool("skopeo", ["inspect", "--raw", ...flags, `docker://${name}:${tag}`], options);
    return sha256(Buffer.from(manifest)) === view.manifest.digest;
  } catch (error) {
    if (error instanceof ToolError) return false;
    throw error;
  }
}
