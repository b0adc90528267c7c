/** Private keys: those of cosign, and PKCS#8 in PEM, plain or encrypted. */
import { createPrivateKey, scryptSync, type KeyObject } from "node:crypto";
import { xsalsa20poly1305 } from "@noble/ciphers/salsa.js";
import * as z from "zod/mini";
import { EXIT, ImgcError } from "../util/errors.ts";
import { damagedKey, PRIVATE_KEY, requireOneBlock } from "./pem.ts";

/** The block of `cosign generate-key-pair`; versions before 2 wrote COSIGN. */
const COSIGN_BLOCK = /-----BEGIN ENCRYPTED (?:SIGSTORE|COSIGN) PRIVATE KEY-----([A-Za-z0-9+/=\s]*)-----END/;
const ENCRYPTED = /-----BEGIN ENCRYPTED |^Proc-Type: 4,ENCRYPTED/m;

const Base64 = z.pipe(
  z.string(),
  z.transform((text) => Buffer.from(text, "base64")),
);
/** cosign's block holds this JSON: a PKCS#8 key, encrypted by NaCl's secretbox with a key that scrypt derives. */
const CosignKey = z.object({
  kdf: z.object({
    name: z.literal("scrypt"),
    params: z.object({ N: z.number(), r: z.number(), p: z.number() }),
    salt: Base64,
  }),
  cipher: z.object({ name: z.literal("nacl/secretbox"), nonce: Base64 }),
  ciphertext: Base64,
});

/** Parses a private key. `password`: undefined if the user gave none; cosign's keys may have an empty password. */
export function parsePrivateKey(pem: string, file: string, password: string | undefined): KeyObject {
  requireOneBlock(pem, file, PRIVATE_KEY);
  if (ENCRYPTED.test(pem) && password === undefined)
    throw new ImgcError(
      EXIT.usage,
      `${file} is encrypted; put its password into the environment variable COSIGN_PASSWORD`,
    );
  try {
    const [, block] = COSIGN_BLOCK.exec(pem) ?? [];
    if (block !== undefined)
      return createPrivateKey({ key: decrypt(block, password ?? ""), format: "der", type: "pkcs8" });
    return createPrivateKey({ key: pem, ...(password === undefined ? {} : { passphrase: password }) });
  } catch {
    if (!ENCRYPTED.test(pem)) throw damagedKey(file, PRIVATE_KEY);
    throw new ImgcError(
      EXIT.usage,
      `cannot read the private key ${file}: the password in COSIGN_PASSWORD is wrong, or the file is damaged`,
    );
  }
}

function decrypt(block: string, password: string): Buffer {
  const { kdf, cipher, ciphertext } = CosignKey.parse(JSON.parse(Buffer.from(block, "base64").toString()));
  const { N, r, p } = kdf.params;
  // Node.js refuses more than 32 MiB by default; scrypt needs 128 N r bytes.
  const key = scryptSync(password, kdf.salt, 32, { N, r, p, maxmem: 256 * N * r });
  return Buffer.from(xsalsa20poly1305(key, cipher.nonce).decrypt(ciphertext));
}
