/** Reads the signatures and signed statements that are attached to an image in a registry. */
import { ImageError } from "../oci/image-error.ts";
import type { RegistryReference } from "../oci/reference.ts";
import { artifactAt } from "../registry/artifact.ts";
import type { ReadOptions } from "../registry/manifest.ts";
import { referrersOf, referrersTag } from "../registry/referrers.ts";
import { readDocuments, type SignedDocuments } from "./documents.ts";
import { BUNDLE_TYPE, SIMPLE_TYPE } from "./formats.ts";

/** Limit of attached artifacts; each is a request. */
const MAX_ARTIFACTS = 200;
/** Attached artifacts that may hold bundles. In the referrers tag, cosign writes the type of the empty config. */
const TYPES = new Set<string | undefined>([BUNDLE_TYPE, SIMPLE_TYPE, "application/vnd.oci.empty.v1+json", undefined]);

/** `digest`: the digest of `reference`. `suffix`: reads the tag that cosign 2 uses for signatures or attestations, too. */
export async function readSignatures(
  reference: RegistryReference,
  digest: string,
  suffix: "sig" | "att",
  options: ReadOptions,
): Promise<SignedDocuments> {
  const { name } = reference;
  const artifacts = (await referrersOf(reference, digest, options)).filter(({ artifactType }) =>
    TYPES.has(artifactType),
  );
  if (artifacts.length > MAX_ARTIFACTS)
    throw new ImageError(`${name}@${digest} has ${artifacts.length} signatures; at most ${MAX_ARTIFACTS} are read`);
  const places = [...artifacts.map((each) => `${name}@${each.digest}`), `${name}:${referrersTag(digest)}.${suffix}`];
  const found: SignedDocuments = { signed: [], unreadable: [] };
  for (const place of places) {
    try {
      const artifact = await artifactAt(place, options);
      if (artifact === undefined) continue;
      const { signed, unreadable } = readDocuments(artifact, place);
      found.signed.push(...signed);
      found.unreadable.push(...unreadable);
    } catch (error) {
      if (!(error instanceof ImageError)) throw error;
      found.unreadable.push(error.message);
    }
  }
  return found;
}
