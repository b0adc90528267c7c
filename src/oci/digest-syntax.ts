/** The syntax of digests of the OCI image-spec (descriptor.md); only SHA-256 is supported. */
import * as z from "zod/mini";

/** The pattern of a digest. */
export const DIGEST = "sha256:[0-9a-f]{64}";

export const Digest = z
  .string()
  .check(z.regex(new RegExp(`^${DIGEST}$`), "a digest is sha256: and 64 hexadecimal digits"));
