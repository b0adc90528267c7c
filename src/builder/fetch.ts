/** The derivation of one blob of a registry: its output is fixed, so that it may reach the network. */
import * as z from "zod/mini";
import { fetchBlob, FetchError } from "../registry/fetch.ts";
import { parseReference } from "../registry/reference.ts";
import { attributes, BuildError, phase } from "./attributes.ts";

const Attributes = z.object({ reference: z.string(), kind: z.enum(["manifests", "blobs"]), digest: z.string() });

export async function fetch(): Promise<void> {
  const { reference, kind, digest, out } = attributes(Attributes);
  phase(`fetching from ${reference}`);
  try {
    await fetchBlob(parseReference(reference), kind, digest, out);
  } catch (error) {
    if (!(error instanceof FetchError)) throw error;
    throw new BuildError([{ at: ["base", reference], message: error.message }]);
  }
}
