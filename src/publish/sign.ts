/**
 * Signs statements about images. A signature has both forms that cosign reads: a Sigstore bundle as a referrer (cosign 3),
 * and a simple signature by the tag `sha256-….sig` (cosign 2). Other statements have the form of a bundle.
 */
import { descriptor } from "../oci/documents.ts";
import { parseReference } from "../oci/reference.ts";
import { artifactAt } from "../registry/artifact.ts";
import { referrersTag } from "../registry/referrers.ts";
import type { View } from "../serve/view.ts";
import type { Signed } from "../sign/documents.ts";
import { BUNDLE_TYPE, SIGNATURE_PREDICATE, SIMPLE_ANNOTATION, SIMPLE_TYPE } from "../sign/formats.ts";
import { makeBundle, simplePayload } from "../sign/make-bundle.ts";
import type { Signer } from "../sign/signer.ts";
import { verifySigned } from "../sign/verify-signature.ts";
import { ToolError } from "../util/run-tool.ts";
import { attach, writeTagged, type Attachment, type AttachOptions, type TaggedLayer } from "./attach.ts";

/** A statement about an image. With the type `SIGNATURE_PREDICATE`, it is the image's signature. */
export interface Statement {
  of: View;
  predicateType: string;
  predicate: object;
}

/** The documents that sign a statement. A document is undefined if the registry has an equal one by the key. */
export interface SignedStatement {
  statement: Statement;
  bundle: Attachment | undefined;
  simple: TaggedLayer | undefined;
}

/** Signs a statement, without changes in the registry. `name`: the repository to which the image is pushed, with its registry. */
export async function signStatement(
  statement: Statement,
  name: string,
  signer: Signer,
  options: AttachOptions,
): Promise<SignedStatement> {
  const { of, predicateType } = statement;
  const before = await signedBefore(statement, name, signer, options);
  const lacks = (form: Signed["form"]) => before.every((each) => each.form !== form);
  return {
    statement,
    bundle: lacks("bundle") ? await bundleOf(statement, signer) : undefined,
    simple:
      predicateType === SIGNATURE_PREDICATE && lacks("tag")
        ? await simpleSignature(of.manifest.digest, name, signer)
        : undefined,
  };
}

/** Attaches the documents to the image, which must be in the repository `name`. Returns whether there was a document to attach. */
export async function attachSigned(
  { statement: { of }, bundle, simple }: SignedStatement,
  name: string,
  options: AttachOptions,
): Promise<boolean> {
  if (bundle !== undefined) await attach(of, bundle, name, options);
  if (simple !== undefined) await addSimpleSignature(of, simple, name, options);
  return bundle !== undefined || simple !== undefined;
}

/** The equal statements that the key has signed. Empty if the registry cannot be read: the first push makes the repository. */
async function signedBefore(
  { of, predicateType, predicate }: Statement,
  name: string,
  signer: Signer,
  options: AttachOptions,
): Promise<Signed[]> {
  const { digest } = of.manifest;
  const isSignature = predicateType === SIGNATURE_PREDICATE;
  const suffix = isSignature ? ("sig" as const) : ("att" as const);
  try {
    const wanted = { ...options, delays: [], predicateType, suffix };
    const { valid } = await verifySigned(parseReference(`${name}@${digest}`), digest, signer.publicKey, wanted);
    if (isSignature) return valid;
    const text = JSON.stringify(predicate);
    return valid.filter((each) => JSON.stringify(each.predicate) === text);
  } catch (error) {
    if (error instanceof ToolError) return [];
    throw error;
  }
}

async function bundleOf({ of, predicateType, predicate }: Statement, signer: Signer): Promise<Attachment> {
  const annotations = {
    "dev.sigstore.bundle.content": "dsse-envelope",
    "dev.sigstore.bundle.predicateType": predicateType,
  };
  const bytes = await makeBundle(of.manifest.digest, { predicateType, predicate }, signer);
  return { mediaType: BUNDLE_TYPE, bytes, annotations };
}

async function simpleSignature(digest: string, name: string, signer: Signer): Promise<TaggedLayer> {
  const bytes = simplePayload(name, digest);
  const signature = await signer.sign(bytes);
  const annotations = { [SIMPLE_ANNOTATION]: signature.toString("base64") };
  return { described: { ...descriptor(SIMPLE_TYPE, bytes), annotations }, bytes };
}

/** Adds a signature to those of other keys. */
async function addSimpleSignature(
  image: View,
  signature: TaggedLayer,
  name: string,
  options: AttachOptions,
): Promise<void> {
  const tag = `${name}:${referrersTag(image.manifest.digest)}.sig`;
  const others = (await artifactAt(tag, options))?.layers ?? [];
  await writeTagged(image, [...others, signature], tag, options);
}
