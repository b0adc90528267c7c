/** The section `nixpkgs`: where a flake reference led when it was pinned, in terms that every Nix can fetch. */
import * as z from "zod/mini";

/** Of the unpacked files, as Nix writes hashes everywhere since 2.4. */
const narHash = z.string().check(z.regex(/^sha256-[A-Za-z0-9+/]{43}=$/, "a hash is sha256- and base64"));

export const PinnedNixpkgs = z.discriminatedUnion("fetch", [
  z.strictObject({ fetch: z.literal("tarball"), url: z.string(), narHash }),
  z.strictObject({ fetch: z.literal("git"), url: z.string(), rev: z.string(), narHash }),
  // Relative to the spec, or absolute: as the reference has it.
  z.strictObject({ fetch: z.literal("path"), path: z.string(), narHash }),
]);
export type PinnedNixpkgs = z.infer<typeof PinnedNixpkgs>;
