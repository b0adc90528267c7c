/** Brings an image from a registry here, as an OCI layout in a folder. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { blobName, Index, Manifest } from "../oci/documents.ts";
import { runTool, ToolError } from "../util/run-tool.ts";
import { exactly, type RegistryReference } from "../oci/reference.ts";
import { ImageError } from "../oci/image-error.ts";
import { sha256 } from "../oci/digest.ts";

export interface FetchOptions {
  insecure: boolean;
  signal?: AbortSignal | undefined;
  /** Of an image for several platforms the one that is meant, or "all"; without it, this machine's. */
  platform?: string;
}

/** Brings layers of an image, by their digests, that were left out. */
export type BringLayers = (digests: ReadonlySet<string>, signal?: AbortSignal) => Promise<void>;

/**
 * Bytes as the registry has them: all digests stay. What a tag names is fetched by its digest, which holds all else to it:
 * an answer that was changed on the way leads nowhere.
 */
export async function fetchLayout(from: RegistryReference, folder: string, options: FetchOptions): Promise<void> {
  await copy(from, await digestOf(from, options), folder, options);
}

/** The same without the layers: where one would be is an empty file, since skopeo fetches nothing that is there. */
export async function fetchDocuments(
  from: RegistryReference,
  folder: string,
  options: FetchOptions,
): Promise<BringLayers> {
  const digest = await digestOf(from, options);
  const place = (layer: string) => join(folder, blobName(layer));
  const left = await wrapped(from, digest, async () => await layersOf(from, digest, options));
  mkdirSync(join(folder, "blobs/sha256"), { recursive: true });
  for (const layer of left) writeFileSync(place(layer), "");
  await copy(from, digest, folder, options);
  return async (wanted, signal) => {
    const missing = [...left].filter((layer) => wanted.has(layer));
    if (missing.length === 0) return;
    for (const layer of missing) rmSync(place(layer), { force: true });
    await copy(from, digest, folder, { ...options, signal });
  };
}

async function copy(from: RegistryReference, digest: string, folder: string, options: FetchOptions): Promise<void> {
  const { insecure, signal, platform } = options;
  const [os = "", architecture = "", variant] = platform === undefined || platform === "all" ? [] : platform.split("/");
  const overrides = { os, arch: architecture, variant: variant ?? "" };
  const args = [
    "--insecure-policy",
    ...Object.entries(overrides).flatMap(([name, value]) => (value === "" ? [] : [`--override-${name}=${value}`])),
    "copy",
    "--preserve-digests",
    ...(platform === "all" ? ["--all"] : []),
    ...(insecure ? ["--src-tls-verify=false"] : []),
    `docker://${exactly(from, digest)}`,
    `oci:${folder}`,
  ];
  await wrapped(from, digest, async () => await runTool("skopeo", args, { signal }));
}

/** Says of an answer that leads nowhere what it means. */
async function wrapped<T>(from: RegistryReference, digest: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
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

/** What a reference stands for: by itself, or as the registry says now. */
async function digestOf(from: RegistryReference, options: FetchOptions): Promise<string> {
  return from.digest ?? sha256(Buffer.from(await raw(exactly(from), options)));
}

/** Digests of the layers of an image, or of all images of an index. */
async function layersOf(from: RegistryReference, digest: string, options: FetchOptions): Promise<Set<string>> {
  const read = async (of: string) => parsed(await raw(exactly(from, of), options));
  const top = await read(digest);
  const documents = [top];
  for (const each of Index.safeParse(top).data?.manifests ?? []) documents.push(await read(each.digest));
  const manifests = documents.flatMap((document) => Manifest.safeParse(document).data ?? []);
  const layers = new Set(manifests.flatMap((manifest) => manifest.layers.map((layer) => layer.digest)));
  for (const { config } of manifests) layers.delete(config.digest);
  return layers;
}

async function raw(exact: string, { insecure, signal }: FetchOptions): Promise<string> {
  const tls = insecure ? ["--tls-verify=false"] : [];
  return await runTool("skopeo", ["inspect", "--raw", ...tls, `docker://${exact}`], { signal });
}

/** Undefined where it is no JSON, which skopeo says better when it copies. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
