/** Brings an image from a registry here, as an OCI layout in a folder. */
import { runTool } from "../tool/run.ts";
import { written, type Reference } from "./reference.ts";

export interface FetchOptions {
  insecure: boolean;
  signal?: AbortSignal | undefined;
}

/** Bytes as the registry has them: all digests stay. Of an image for several platforms, this machine's. */
export async function fetchLayout(from: Reference, folder: string, { insecure, signal }: FetchOptions): Promise<void> {
  const args = ["--insecure-policy", "copy", "--preserve-digests", "--retry-times=3"];
  const tls = insecure ? ["--src-tls-verify=false"] : [];
  await runTool("skopeo", [...args, ...tls, `docker://${written(from)}`, `oci:${folder}`], { signal });
}
