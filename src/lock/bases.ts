/** The section `bases`: what a base's reference stood for when it was pinned, by reference as the spec writes it. */
import * as z from "zod/mini";
import { Digest } from "../oci/digest.ts";

/** One platform's image: its documents, and its layers' blobs, deepest first. */
const PinnedImage = z.strictObject({ manifest: Digest, config: Digest, layers: z.array(Digest) });
export type PinnedImage = z.infer<typeof PinnedImage>;

export const PinnedBase = z.strictObject({
  /** Of what the reference names: an index, or the one manifest. */
  digest: Digest,
  /** By platform as the spec writes it: `linux/amd64`, `linux/arm/v7`. */
  platforms: z.record(z.string(), PinnedImage),
});
export type PinnedBase = z.infer<typeof PinnedBase>;
