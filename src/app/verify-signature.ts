/** Checks the signature and the provenance of an image in a registry, before anything else of the image is read. */
import { existsSync } from "node:fs";
import { isImageDirectory } from "../image/image-directory.ts";
import { isIndexDirectory } from "../image/index-directory.ts";
import { exactly, parseReference } from "../oci/reference.ts";
import { readPublicKey } from "../sign/public-key.ts";
import { namedPaths, type Named } from "../provenance/named-paths.ts";
import { PROVENANCE_TYPE } from "../provenance/predicate.ts";
import { resolveDigest, verifySignature, verifySigned } from "../sign/verify-signature.ts";
import { EXIT, ImgcError } from "../util/errors.ts";
import { printableLine } from "../util/printable.ts";
import type { FindOptions } from "./find-image.ts";

/** The proof that an image is signed by a key. */
export interface SignatureProof {
  /** The file of the public key. */
  key: string;
  /** Where valid signatures were found: in a bundle, or by the tag that cosign 2 uses. */
  forms: ("bundle" | "tag")[];
  /** imgc does not check the transparency log. */
  log: "not checked";
}

export interface SignedImage {
  /** The reference of the image by its digest. */
  exact: string;
  digest: string;
  proof: SignatureProof;
  /** Why the image is not signed by the key. */
  finding: string | undefined;
  /** The signed provenances, if they are wanted. */
  provenances: Named[];
}

interface SignatureOptions extends FindOptions {
  /** Whether the image must have a provenance by the key as well. */
  provenance: boolean;
}

/** `text`: a reference. Throws an error of wrong usage for a path and for a wrong key. */
export async function checkSignature(
  text: string,
  keyFile: string,
  { provenance, insecure, onRetry, stoppable }: SignatureOptions,
): Promise<SignedImage> {
  if (existsSync(text)) {
    const kind = isImageDirectory(text) || isIndexDirectory(text) ? "an image directory" : "a path";
    throw new ImgcError(
      EXIT.usage,
      `${printableLine(text)} is ${kind} on this machine, but --key checks signatures in a registry; give the reference of the ` +
        "pushed image, or leave out --key",
    );
  }
  const reference = parseReference(text.replace(/^docker:\/\//, ""));
  const key = readPublicKey(keyFile);
  return await stoppable(async (signal) => {
    const options = { insecure, onRetry, signal, use: "fetch" as const };
    const digest = await resolveDigest(reference, options);
    const { valid, finding } = await verifySignature(reference, digest, key, options);
    const wanted = { ...options, predicateType: PROVENANCE_TYPE, suffix: "att" as const };
    const attested =
      provenance && finding === undefined ? await verifySigned(reference, digest, key, wanted) : undefined;
    const forms = [...new Set(valid.map(({ form }) => form))].toSorted();
    return {
      exact: exactly(reference, digest),
      digest,
      proof: { key: keyFile, forms, log: "not checked" },
      finding: finding ?? attested?.finding,
      provenances: (attested?.valid ?? []).map(({ predicate }) => namedPaths(predicate, `the provenance of ${digest}`)),
    };
  });
}
