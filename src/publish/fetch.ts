/** Brings an image from a registry here, as an OCI layout in a folder. */
import { runTool } from "../tool/run.ts";
import { written, type Reference } from "./reference.ts";

export interface FetchOptions {
  insecure: boolean;
  signal?: AbortSignal | undefined;
  /** Of an image for several platforms the one that is meant, or "all"; without it, this machine's. */
  platform?: string;
}

/** Bytes as the registry has them: all digests stay. */
export async function fetchLayout(
  from: Reference,
  folder: string,
  { insecure, signal, platform }: FetchOptions,
): Promise<void> {
  const [os = "", architecture = "", variant] = platform === undefined || platform === "all" ? [] : platform.split("/");
  const overrides = { os, arch: architecture, variant: variant ?? "" };
  const args = [
    "--insecure-policy",
    ...Object.entries(overrides).flatMap(([name, value]) => (value === "" ? [] : [`--override-${name}=${value}`])),
    "copy",
    "--preserve-digests",
    "--retry-times=3",
    ...(platform === "all" ? ["--all"] : []),
  ];
  const tls = insecure ? ["--src-tls-verify=false"] : [];
  await runTool("skopeo", [...args, ...tls, `docker://${written(from)}`, `oci:${folder}`], { signal });
}
