/** Reads the documents of artifacts: bundles, envelopes and simple signatures. */
import * as z from "zod/mini";
import type { Descriptor } from "../oci/documents.ts";
import { ImageError } from "../oci/image-error.ts";
import { parseJson } from "../oci/json.ts";
import type { Artifact } from "../registry/artifact.ts";
import { Envelope, signedBytes } from "./dsse.ts";
import {
  Bundle,
  BUNDLE_TYPE,
  ENVELOPE_TYPE,
  LOG_ANNOTATION,
  SIGNATURE_PREDICATE,
  Simple,
  SIMPLE_ANNOTATION,
  SIMPLE_TYPE,
  Statement,
  STATEMENT_PAYLOAD,
} from "./formats.ts";

/** A signed statement about digests. A plain signature is a statement as well, without a predicate. */
export interface Signed {
  form: "bundle" | "tag";
  /** The digests of the images that are signed. */
  digests: string[];
  predicateType: string;
  predicate: unknown;
  /** The bytes that are signed. */
  bytes: Buffer;
  signatures: Buffer[];
  /** The name of the key (`keyHint`), if the document has one. */
  hint: string | undefined;
  /** Whether a proof of a transparency log is attached. */
  isLogged: boolean;
}

export interface SignedDocuments {
  signed: Signed[];
  /** A sentence for each document that is not in a known format. */
  unreadable: string[];
}

const Annotations = z.record(z.string(), z.string());

/** Reads the layers of an artifact; layers of other kinds are ignored. `name`: the artifact's reference, for messages. */
export function readDocuments({ layers }: Pick<Artifact, "layers">, name: string): SignedDocuments {
  const found: SignedDocuments = { signed: [], unreadable: [] };
  for (const { described, bytes } of layers) {
    try {
      found.signed.push(...readDocument(described, bytes, `${name}, ${described.digest}`));
    } catch (error) {
      if (!(error instanceof ImageError)) throw error;
      found.unreadable.push(error.message);
    }
  }
  return found;
}

/** The signed statement in a blob; none if the blob is of another kind. */
function readDocument(described: Descriptor, bytes: Buffer, where: string): Signed[] {
  const annotations = Annotations.safeParse(described["annotations"]).data ?? {};
  switch (described.mediaType) {
    case BUNDLE_TYPE: {
      const { dsseEnvelope, verificationMaterial } = parseJson(Bundle, bytes, where);
      if (dsseEnvelope === undefined) throw new ImageError(`${where}: the bundle has no DSSE envelope`);
      const { publicKey, tlogEntries = [] } = verificationMaterial;
      const isLogged = tlogEntries.length > 0;
      return [{ ...readEnvelope(dsseEnvelope, where), form: "bundle", hint: publicKey?.hint, isLogged }];
    }
    case ENVELOPE_TYPE: {
      const isLogged = LOG_ANNOTATION in annotations;
      return [{ ...readEnvelope(parseJson(Envelope, bytes, where), where), form: "tag", hint: undefined, isLogged }];
    }
    case SIMPLE_TYPE: {
      const { critical } = parseJson(Simple, bytes, where);
      return [
        {
          form: "tag",
          digests: [critical.image["docker-manifest-digest"]],
          predicateType: SIGNATURE_PREDICATE,
          predicate: undefined,
          bytes,
          signatures: [Buffer.from(annotations[SIMPLE_ANNOTATION] ?? "", "base64")],
          hint: undefined,
          isLogged: LOG_ANNOTATION in annotations,
        },
      ];
    }
    default:
      return [];
  }
}

function readEnvelope(
  { payload, payloadType, signatures }: Envelope,
  where: string,
): Omit<Signed, "form" | "hint" | "isLogged"> {
  if (payloadType !== STATEMENT_PAYLOAD)
    throw new ImageError(`${where}: the payload is of the unknown type ${payloadType}`);
  const bytes = Buffer.from(payload, "base64");
  const { subject, predicateType, predicate } = parseJson(Statement, bytes, `${where}, statement`);
  return {
    digests: subject.flatMap(({ digest }) => (digest["sha256"] === undefined ? [] : [`sha256:${digest["sha256"]}`])),
    predicateType,
    predicate,
    bytes: signedBytes(payloadType, bytes),
    signatures: signatures.map(({ sig }) => Buffer.from(sig, "base64")),
  };
}
