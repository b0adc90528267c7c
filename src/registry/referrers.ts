/** Lists the artifacts that are attached to an image (distribution-spec 1.1, "Listing Referrers"). */
import * as z from "zod/mini";
import { Descriptor, MAX_DOCUMENT } from "../oci/documents.ts";
import { ImageError } from "../oci/image-error.ts";
import { parseJson } from "../oci/json.ts";
import type { RegistryReference } from "../oci/reference.ts";
import { credentialsFor } from "./credentials.ts";
import { ask } from "./fetch.ts";
import { manifestAt, type ReadOptions } from "./manifest.ts";

/** Milliseconds to wait for the referrers API, which not every registry has. */
const API_TIMEOUT = 10_000;

const Referrers = z.object({
  manifests: z.array(z.extend(Descriptor, { artifactType: z.optional(z.string()) })),
});
export type Referrer = z.infer<typeof Referrers>["manifests"][number];

/** The tag that lists the referrers of a digest in registries without a referrers API ("Referrers Tag Schema"). */
export function referrersTag(digest: string): string {
  return digest.replace(":", "-");
}

/**
 * The artifacts that the referrers API and the referrers tag list. If the API does not answer, or refuses the user's
 * credentials, only the tag counts.
 */
export async function referrersOf(
  reference: RegistryReference,
  digest: string,
  options: ReadOptions,
): Promise<Referrer[]> {
  const lists = await Promise.all([
    fromApi(reference, digest, options.signal),
    fromTag(reference.name, digest, options),
  ]);
  return [...new Map(lists.flat().map((each) => [each.digest, each])).values()];
}

/** The artifacts that the referrers tag lists. `name`: host and repository. */
export async function fromTag(name: string, digest: string, options: ReadOptions): Promise<Referrer[]> {
  const tag = `${name}:${referrersTag(digest)}`;
  const text = await manifestAt(tag, options);
  return text === undefined
    ? []
    : parseJson(Referrers, Buffer.from(text), `the index of attached documents ${tag}`).manifests;
}

async function fromApi(reference: RegistryReference, digest: string, signal?: AbortSignal): Promise<Referrer[]> {
  const limits = [AbortSignal.timeout(API_TIMEOUT), ...(signal === undefined ? [] : [signal])];
  try {
    const response = await ask(reference, `referrers/${digest}`, {
      signal: AbortSignal.any(limits),
      basic: async () => await credentialsFor(reference.name),
    });
    const bytes = Buffer.from(await response.arrayBuffer());
    if (!response.ok || bytes.length > MAX_DOCUMENT) return [];
    return parseJson(Referrers, bytes, `the referrers of ${digest}`).manifests;
  } catch (error) {
    if (signal?.aborted === true || error instanceof ImageError) throw error;
    return [];
  }
}
