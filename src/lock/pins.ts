/** What the lock pins: package sets and bases. */
import * as z from "zod/mini";
import { DIGEST, Digest } from "../oci/digest.ts";

/** Of the unpacked files, as Nix writes hashes everywhere since 2.4. */
const narHash = z.string().check(z.regex(/^sha256-[A-Za-z0-9+/]{43}=$/, "a hash is sha256- and base64"));

export const PinnedNixpkgs = z.discriminatedUnion("fetch", [
  z.strictObject({ fetch: z.literal("tarball"), url: z.string(), narHash }),
  z.strictObject({ fetch: z.literal("git"), url: z.string(), rev: z.string(), narHash }),
  // Relative to the spec, or absolute: as the reference has it.
  z.strictObject({ fetch: z.literal("path"), path: z.string(), narHash }),
]);
export type PinnedNixpkgs = z.infer<typeof PinnedNixpkgs>;

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

const NAMED_DIGEST = new RegExp(`@(${DIGEST})$`);

/** Why it does not; undefined where it does. `platforms`: those that the image is for, as the spec writes them. */
export function misfit(
  reference: string,
  { digest, platforms: pinned }: PinnedBase,
  platforms: string[],
): string | undefined {
  const named = NAMED_DIGEST.exec(reference)?.[1];
  if (named !== undefined && named !== digest) return `the lock pins another digest, ${digest}`;
  const missing = platforms.find((each) => !Object.hasOwn(pinned, each));
  if (missing !== undefined)
    return `the lock has no platform ${missing}, only ${Object.keys(pinned).join(", ") || "none"}`;
  return undefined;
}

/** What a section of the lock has for a name; one such as `constructor` is in every object, but no entry. */
export function entryOf<T>(section: Record<string, T>, name: string): T | undefined {
  return Object.hasOwn(section, name) ? section[name] : undefined;
}
