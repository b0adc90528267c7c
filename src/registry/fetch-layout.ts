/** Fetches an image from a registry into a folder, as an OCI layout. */
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { blobName, Index, Manifest } from "../oci/documents.ts";
import { sha256 } from "../oci/digest.ts";
import { ImageError } from "../oci/image-error.ts";
import { ToolError } from "../util/run-tool.ts";
import { makeFolder } from "../util/make-folder.ts";
import { DAMAGED } from "./skopeo-errors.ts";
import { exactly, type RegistryReference } from "../oci/reference.ts";
import { growth, skopeo, type SkopeoOptions } from "./skopeo.ts";

export interface FetchOptions extends Pick<SkopeoOptions, "signal" | "silence"> {
  insecure: boolean;
  /** The wanted platform of an image, or "all"; by default this machine's. */
  platform?: string;
}

/** Fetches those of the image's layers that `fetchDocuments` left out. */
export type BringLayers = (digests: ReadonlySet<string>, signal?: AbortSignal) => Promise<void>;

/**
 * Fetches an image without changing a digest. Resolves a tag to a digest first, and fetches the image by this digest,
 * so that no later answer can lead to another image.
 */
export async function fetchLayout(from: RegistryReference, folder: string, options: FetchOptions): Promise<void> {
  await copy(from, await digestOf(from, options), folder, options);
}

/**
 * Like `fetchLayout`, but without layers: an empty file in place of each layer keeps skopeo from fetching the layer.
 */
export async function fetchDocuments(
  from: RegistryReference,
  folder: string,
  options: FetchOptions,
): Promise<BringLayers> {
  const digest = await digestOf(from, options);
  const pathOf = (layer: string) => join(folder, blobName(layer));
  const left = await wrapped(from, digest, async () => await layersOf(from, digest, options));
  makeFolder(join(folder, "blobs/sha256"));
  for (const layer of left) writeFileSync(pathOf(layer), "");
  await copy(from, digest, folder, options);
  return async (wanted, signal) => {
    const missing = [...left].filter((layer) => wanted.has(layer));
    if (missing.length === 0) return;
    for (const layer of missing) rmSync(pathOf(layer), { force: true });
    await copy(from, digest, folder, { ...options, signal });
  };
}

async function copy(from: RegistryReference, digest: string, folder: string, options: FetchOptions): Promise<void> {
  const { insecure, platform, ...rest } = options;
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
  await wrapped(from, digest, async () => await skopeo(args, { ...rest, lastProgress: growth(folder) }));
}

/** Explains errors that are caused by a manipulated answer or a damaged registry. */
async function wrapped<T>(from: RegistryReference, digest: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    const reason = "the answer was manipulated, or the registry is damaged";
    if (from.digest === undefined && UNKNOWN.test(error.message))
      throw new ImageError(`${exactly(from)} leads to ${digest}, which the registry lacks: ${reason}`);
    if (DAMAGED.test(error.message)) throw new ImageError(`${exactly(from)}: ${error.message}: ${reason}`);
    throw error;
  }
}

/** The message of registries for a missing image. */
const UNKNOWN = /manifest unknown/;

/** The digest of a reference: its own, or the registry's current digest of its tag. */
async function digestOf(from: RegistryReference, options: FetchOptions): Promise<string> {
  if (from.digest !== undefined) return from.digest;
  const text = await raw(exactly(from), options);
  const document = parsed(text);
  // skopeo copies `null` as an image, and its messages about other values do not name the manifest.
  if (document !== undefined && (typeof document !== "object" || document === null || Array.isArray(document))) {
    const start = text.trim().replace(/\s+/g, " ").slice(0, 40);
    throw new ImageError(`${exactly(from)}: the manifest that the registry sends is no JSON object: ${start}`);
  }
  return sha256(Buffer.from(text));
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

async function raw(exact: string, { insecure, signal, silence }: FetchOptions): Promise<string> {
  const tls = insecure ? ["--tls-verify=false"] : [];
  return await skopeo(["inspect", "--raw", ...tls, `docker://${exact}`], { signal, silence });
}

/** Undefined if the text is not JSON: skopeo reports the error when it copies the image. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
