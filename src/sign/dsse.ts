/** Signed envelopes (DSSE 1.0): a payload, its type, and signatures of both. */
import * as z from "zod/mini";

export const Envelope = z.object({
  payload: z.string(),
  payloadType: z.string(),
  signatures: z.array(z.object({ sig: z.string() })),
});
export type Envelope = z.infer<typeof Envelope>;

/** The bytes that are signed: DSSE protocol, "Signature Definition", PAE. */
export function signedBytes(payloadType: string, payload: Buffer): Buffer {
  const start = `DSSEv1 ${Buffer.byteLength(payloadType)} ${payloadType} ${payload.length} `;
  return Buffer.concat([Buffer.from(start), payload]);
}
