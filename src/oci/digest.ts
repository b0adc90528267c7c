/** Computes digests of the OCI image-spec (descriptor.md); only SHA-256 is supported. */
import { createHash, type Hash } from "node:crypto";

export function sha256(bytes: Buffer | string): string {
  return digestOf(createHash("sha256").update(bytes));
}

/** Ends a hash, and returns the digest of its bytes. */
export function digestOf(hash: Hash): string {
  return fromHex(hash.digest("hex"));
}

export function fromHex(hex: string): string {
  return `sha256:${hex}`;
}

/** The hexadecimal digits of a digest. */
export function toHex(digest: string): string {
  return digest.slice("sha256:".length);
}
