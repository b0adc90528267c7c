/** The formats of signatures that imgc and cosign attach to images. */
import * as z from "zod/mini";
import { Envelope } from "./dsse.ts";

/** A Sigstore bundle 0.3 (protobuf-specs, sigstore_bundle.proto); bundles of blobs have no envelope. */
export const BUNDLE_TYPE = "application/vnd.dev.sigstore.bundle.v0.3+json";
export const Bundle = z.object({
  mediaType: z.literal(BUNDLE_TYPE),
  verificationMaterial: z.object({
    publicKey: z.optional(z.object({ hint: z.optional(z.string()) })),
    tlogEntries: z.optional(z.array(z.unknown())),
  }),
  dsseEnvelope: z.optional(Envelope),
});

/** An in-toto statement (in-toto attestation 1.0, statement.md); cosign 2 also writes version 0.1. */
export const STATEMENT_PAYLOAD = "application/vnd.in-toto+json";
export const STATEMENT_TYPE = "https://in-toto.io/Statement/v1";
export const Statement = z.looseObject({
  _type: z.enum([STATEMENT_TYPE, "https://in-toto.io/Statement/v0.1"]),
  subject: z.array(z.looseObject({ digest: z.record(z.string(), z.string()) })),
  predicateType: z.string(),
  predicate: z.optional(z.unknown()),
});
export type Statement = z.infer<typeof Statement>;

/** The predicate type of a statement that only signs its subject. */
export const SIGNATURE_PREDICATE = "https://sigstore.dev/cosign/sign/v1";

/** An envelope that cosign 2 attaches by the tag `sha256-….att`. */
export const ENVELOPE_TYPE = "application/vnd.dsse.envelope.v1+json";

/** A "simple signing" payload, which cosign 2 attaches by the tag `sha256-….sig`, with the signature as annotation. */
export const SIMPLE_TYPE = "application/vnd.dev.cosign.simplesigning.v1+json";
export const SIMPLE_ANNOTATION = "dev.cosignproject.cosign/signature";
export const SIMPLE_KIND = "cosign container image signature";
export const Simple = z.object({
  critical: z.object({
    type: z.literal(SIMPLE_KIND),
    image: z.object({ "docker-manifest-digest": z.string() }),
  }),
});
/** A proof of the transparency log, beside a simple signature. */
export const LOG_ANNOTATION = "dev.sigstore.cosign/bundle";
