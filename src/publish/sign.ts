/**
 * Signs an image that is in a registry, in both forms that cosign reads: a Sigstore bundle as a referrer (cosign 3), and
 * a simple signature by the tag `sha256-….sig` (cosign 2).
 */
import { descriptor } from "../oci/documents.ts";
import { parseReference } from "../oci/reference.ts";
import { artifactAt } from "../registry/artifact.ts";
import { referrersTag } from "../registry/referrers.ts";
import { PROVENANCE_TYPE } from "../provenance/predicate.ts";
import type { View } from "../serve/view.ts";
import { BUNDLE_TYPE, SIGNATURE_PREDICATE, SIMPLE_ANNOTATION, SIMPLE_TYPE } from "../sign/formats.ts";
import { makeBundle, simplePayload } from "../sign/make-bundle.ts";
import type { Signer } from "../sign/signer.ts";
import { verifySignature, verifySigned } from "../sign/verify-signature.ts";
import { attach, writeTagged, type AttachOptions } from "./attach.ts";

/**
 * `name`: the repository of the image, with its registry. Signatures by the same key are not made again. Returns whether
 * a signature was made.
 */
export async function signImage(image: View, name: string, signer: Signer, options: AttachOptions): Promise<boolean> {
  const { digest } = image.manifest;
  const { valid } = await verifySignature(parseReference(`${name}@${digest}`), digest, signer.publicKey, options);
  const has = (form: "bundle" | "tag") => valid.some((each) => each.form === form);
  if (!has("bundle"))
    await attachStatement(image, name, { predicateType: SIGNATURE_PREDICATE, predicate: {} }, signer, options);
  if (!has("tag")) await addSimpleSignature(image, name, signer, options);
  return !has("bundle") || !has("tag");
}

/** Attaches a signed provenance of the image. Returns false if the key had signed an equal one before. */
export async function attestImage(
  image: View,
  name: string,
  predicate: object,
  signer: Signer,
  options: AttachOptions,
): Promise<boolean> {
  const { digest } = image.manifest;
  const statement = { predicateType: PROVENANCE_TYPE, predicate };
  const wanted = { ...options, predicateType: PROVENANCE_TYPE, suffix: "att" as const };
  const { valid } = await verifySigned(parseReference(`${name}@${digest}`), digest, signer.publicKey, wanted);
  if (valid.some((each) => JSON.stringify(each.predicate) === JSON.stringify(predicate))) return false;
  await attachStatement(image, name, statement, signer, options);
  return true;
}

/** Attaches a signed in-toto statement about the image. */
async function attachStatement(
  image: View,
  name: string,
  statement: { predicateType: string; predicate: object },
  signer: Signer,
  options: AttachOptions,
): Promise<void> {
  const bytes = await makeBundle(image.manifest.digest, statement, signer);
  const annotations = {
    "dev.sigstore.bundle.content": "dsse-envelope",
    "dev.sigstore.bundle.predicateType": statement.predicateType,
  };
  await attach(image, { mediaType: BUNDLE_TYPE, bytes, annotations }, name, options);
}

/** Adds a signature to those of other keys. */
async function addSimpleSignature(image: View, name: string, signer: Signer, options: AttachOptions): Promise<void> {
  const { digest } = image.manifest;
  const tag = `${name}:${referrersTag(digest)}.sig`;
  const others = (await artifactAt(tag, options))?.layers ?? [];
  const bytes = simplePayload(name, digest);
  const signature = await signer.sign(bytes);
  const annotations = { [SIMPLE_ANNOTATION]: signature.toString("base64") };
  await writeTagged(
    image,
    [...others, { described: { ...descriptor(SIMPLE_TYPE, bytes), annotations }, bytes }],
    tag,
    options,
  );
}
