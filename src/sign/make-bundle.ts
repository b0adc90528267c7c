/** Makes signed documents in the formats of `formats.ts`. */
import { encode } from "../oci/documents.ts";
import { toHex } from "../oci/digest.ts";
import { signedBytes } from "./dsse.ts";
import { BUNDLE_TYPE, SIMPLE_KIND, STATEMENT_PAYLOAD, STATEMENT_TYPE } from "./formats.ts";
import { keyHint } from "./public-key.ts";
import type { Signer } from "./signer.ts";

/** A Sigstore bundle with an in-toto statement about an image or an index. */
export async function makeBundle(
  digest: string,
  { predicateType, predicate }: { predicateType: string; predicate: object },
  signer: Signer,
): Promise<Buffer> {
  const subject = [{ digest: { sha256: toHex(digest) } }];
  const payload = Buffer.from(JSON.stringify({ _type: STATEMENT_TYPE, subject, predicateType, predicate }));
  const signature = await signer.sign(signedBytes(STATEMENT_PAYLOAD, payload));
  return encode({
    mediaType: BUNDLE_TYPE,
    verificationMaterial: { publicKey: { hint: keyHint(signer.publicKey.key) } },
    dsseEnvelope: {
      payload: payload.toString("base64"),
      payloadType: STATEMENT_PAYLOAD,
      signatures: [{ sig: signature.toString("base64") }],
    },
  });
}

/** The payload of a simple signature. `name`: the repository of the image. */
export function simplePayload(name: string, digest: string): Buffer {
  const image = { "docker-manifest-digest": digest };
  const critical = { identity: { "docker-reference": name }, image, type: SIMPLE_KIND };
  return Buffer.from(JSON.stringify({ critical, optional: null }));
}
