/** The syntax of digests of the OCI image-spec (descriptor.md); only SHA-256 is supported. */
export const DIGEST = "sha256:[0-9a-f]{64}";
