/** The lock's pins, by reference in the spec: package sets, as places that every version of Nix can fetch, and bases. */
import * as z from "zod/mini";
import { Digest } from "../oci/digest-schema.ts";
import { DIGEST } from "../oci/digest-syntax.ts";

/** The NAR hash of the unpacked files, in the notation that Nix uses everywhere since 2.4. */
const narHash = z.string().check(z.regex(/^sha256-[A-Za-z0-9+/]{43}=$/, "a hash is sha256- and base64"));

export const PinnedNixpkgs = z.discriminatedUnion("fetch", [
  z.strictObject({ fetch: z.literal("tarball"), url: z.string(), narHash }),
  z.strictObject({ fetch: z.literal("git"), url: z.string(), rev: z.string(), narHash }),
  // Relative to the spec or absolute, as in the reference.
  z.strictObject({ fetch: z.literal("path"), path: z.string(), narHash }),
]);
export type PinnedNixpkgs = z.infer<typeof PinnedNixpkgs>;

/** The digests of a platform's image: of its documents, and of its layers' blobs, deepest first. */
const PinnedImage = z.strictObject({ manifest: Digest, config: Digest, layers: z.array(Digest) });
export type PinnedImage = z.infer<typeof PinnedImage>;

export const PinnedBase = z.strictObject({
  /** The digest of the reference's index or manifest. */
  digest: Digest,
  /** By platform, such as `linux/amd64` or `linux/arm/v7`. */
  platforms: z.record(z.string(), PinnedImage),
  /**
   * The digests of the reference and of its platforms' manifests when a signature was checked, by the fingerprint of the key. The key
   * signed the digest of the reference, or all manifests.
   */
  signedBy: z.optional(z.record(Digest, z.array(Digest))),
});
export type PinnedBase = z.infer<typeof PinnedBase>;

/** Whether the pins are those of a checked signature by the key with this fingerprint. */
export function isSignatureRecorded(pinned: PinnedBase, fingerprint: string): boolean {
  const signed = pinned.signedBy?.[fingerprint];
  return signed !== undefined && signedDigests(pinned).every((each) => signed.includes(each));
}

/** The digests that a signature of the base covers. */
export function signedDigests({ digest, platforms }: PinnedBase): string[] {
  return [...new Set([digest, ...Object.values(platforms).map(({ manifest }) => manifest)])];
}

const NAMED_DIGEST = new RegExp(`@(${DIGEST})$`);

/** The reason why a pinned base does not match the spec; undefined if it matches. `platforms`: the image's platforms. */
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

/** The entry of a section; undefined for names such as `constructor`, which every object has. */
export function entryOf<T>(section: Record<string, T>, name: string): T | undefined {
  return Object.hasOwn(section, name) ? section[name] : undefined;
}
