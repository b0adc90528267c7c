/** Checks that an image in a registry is signed by a key. */
import { sha256 } from "../oci/digest.ts";
import { exactly, type RegistryReference } from "../oci/reference.ts";
import { manifestAt, type ReadOptions } from "../registry/manifest.ts";
import { EXIT, ImgcError } from "../util/errors.ts";
import { printableLine } from "../util/printable.ts";
import { quantity } from "../util/quantities.ts";
import { SIGNATURE_PREDICATE } from "./formats.ts";
import { isSignedBy, keyHint, type PublicKey } from "./public-key.ts";
import type { Signed, SignedDocuments } from "./documents.ts";
import { readSignatures } from "./read-signatures.ts";

/** The result of looking for signed statements of one predicate type. */
export interface SignatureCheck {
  /** The statements about the image that the key signed. */
  valid: Signed[];
  /** Why there is no valid statement; a printable line, without the image's name. Undefined if there is one. */
  finding: string | undefined;
}

/** The digest of a reference: its own, or the one to which the registry's tag leads now. */
export async function resolveDigest(reference: RegistryReference, options: ReadOptions): Promise<string> {
  if (reference.digest !== undefined) return reference.digest;
  const text = exactly(reference);
  const manifest = await manifestAt(text, options);
  if (manifest === undefined) throw new ImgcError(EXIT.environment, `${text} does not exist in the registry`);
  return sha256(Buffer.from(manifest));
}

/**
 * Checks that the key signed the digest of an image or an index, in a bundle or by the tag that cosign 2 uses. The
 * transparency log is not checked.
 */
export async function verifySignature(
  reference: RegistryReference,
  digest: string,
  key: PublicKey,
  options: ReadOptions,
): Promise<SignatureCheck> {
  return await verifySigned(reference, digest, key, { ...options, predicateType: SIGNATURE_PREDICATE, suffix: "sig" });
}

interface Wanted extends ReadOptions {
  predicateType: string;
  suffix: "sig" | "att";
}

/** Checks that the key signed a statement of the predicate type about the digest. */
export async function verifySigned(
  reference: RegistryReference,
  digest: string,
  key: PublicKey,
  { predicateType, suffix, ...options }: Wanted,
): Promise<SignatureCheck> {
  const documents = await readSignatures(reference, digest, suffix, { use: "fetch", ...options });
  return check(documents, digest, key, predicateType);
}

/** Checks documents that were read. */
export function check(
  { signed, unreadable }: SignedDocuments,
  digest: string,
  key: PublicKey,
  predicateType: string,
): SignatureCheck {
  const wanted = signed.filter((each) => each.predicateType === predicateType);
  const ownKey = wanted.filter(({ bytes, signatures }) => signatures.some((each) => isSignedBy(key, bytes, each)));
  const valid = ownKey.filter(({ digests }) => digests.includes(digest));
  if (valid.length > 0) return { valid, finding: undefined };
  const kind = predicateType === SIGNATURE_PREDICATE ? "signature" : `signed statement of the type ${predicateType}`;
  return { valid, finding: printableLine(reason(kind, { digest, key, wanted, ownKey, unreadable })) };
}

interface Found {
  digest: string;
  key: PublicKey;
  wanted: Signed[];
  ownKey: Signed[];
  unreadable: string[];
}

function reason(kind: string, { digest, key, wanted, ownKey, unreadable }: Found): string {
  const [other] = ownKey;
  if (other !== undefined)
    return `the ${kind} by the key ${key.file} is of ${other.digests.join(", ") || "no digest"}, but the image is ${digest}`;
  const hint = keyHint(key.key);
  if (wanted.some((each) => each.hint === hint))
    return `the ${kind} of ${digest} names the key ${key.file}, but is damaged, or of a form that imgc does not know, such as Ed25519ph`;
  const [problem] = unreadable;
  const also = problem === undefined ? "" : `; ${quantity(unreadable.length, "document")} cannot be read: ${problem}`;
  if (wanted.length === 0) return `${digest} has no ${kind}${also}`;
  return `no ${kind} of ${digest} is by the key ${key.file}; ${countText(wanted)}${also}`;
}

/** A signature may be both a bundle and a tag of cosign 2. Tags do not name keys, so the larger count of both is a minimum. */
function countText(signed: readonly Signed[]): string {
  const tags = signed.filter(({ form }) => form === "tag").length;
  const bundles = signed.length - tags;
  const count = Math.max(tags, bundles);
  const text = count === 1 ? "one by another key was found" : `${count} by other keys were found`;
  return tags > 0 && bundles > 0 ? `at least ${text}` : text;
}
