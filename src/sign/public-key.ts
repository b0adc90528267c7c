/** Public keys, and checks of signatures by them. */
import { createHash, createPublicKey, verify, type Hash, type KeyObject } from "node:crypto";
import { digestOf } from "../oci/digest.ts";
import { EXIT, ImgcError } from "../util/errors.ts";
import { damagedKey, pemLabels, PUBLIC_KEY, readKeyFile, requireOneBlock } from "./pem.ts";

/** The digest algorithm that belongs to each curve; cosign 3 uses it in bundles, and SHA-256 elsewhere. */
const CURVES = new Map([
  ["prime256v1", "sha256"],
  ["secp384r1", "sha384"],
  ["secp521r1", "sha512"],
]);

export interface PublicKey {
  /** The file's name, for messages. */
  file: string;
  key: KeyObject;
}

/** Reads a public key in PEM: ECDSA on P-256, P-384 or P-521, Ed25519, or RSA. */
export function readPublicKey(file: string): PublicKey {
  const pem = readKeyFile(file, PUBLIC_KEY);
  const [label, ...others] = pemLabels(pem);
  if (others.length === 0 && label?.endsWith("PRIVATE KEY") === true)
    throw new ImgcError(EXIT.usage, `${file} is a private key; give the public key, such as cosign.pub`);
  return { file, key: parsePublicKey(pem, file) };
}

export function parsePublicKey(pem: string, file: string): KeyObject {
  requireOneBlock(pem, file, PUBLIC_KEY);
  const key = publicKeyIn(pem);
  if (key === undefined) throw damagedKey(file, PUBLIC_KEY);
  requireSupported(key, file);
  return key;
}

function publicKeyIn(pem: string): KeyObject | undefined {
  try {
    return createPublicKey(pem);
  } catch {
    return undefined;
  }
}

/** Throws if imgc cannot sign or verify with keys of this type. */
export function requireSupported({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject, file: string): void {
  const type = asymmetricKeyDetails?.namedCurve ?? asymmetricKeyType ?? "";
  if (type === "ed25519" || type === "rsa" || CURVES.has(type)) return;
  throw new ImgcError(
    EXIT.usage,
    `${file} is a key of the type ${type}; imgc supports ECDSA on P-256, P-384 and P-521, Ed25519, and RSA`,
  );
}

/**
 * The digest algorithm of new signatures: null for Ed25519, which has none of its own choice. `cosign verify` takes
 * SHA-256 for each curve by default, even though cosign 3 signs bundles with the digest algorithm of the curve.
 */
export function digestAlgorithm({ asymmetricKeyType }: KeyObject): "sha256" | null {
  return asymmetricKeyType === "ed25519" ? null : "sha256";
}

/** Whether the key made this signature of the bytes. */
export function isSignedBy({ key }: PublicKey, bytes: Buffer, signature: Buffer): boolean {
  const own = CURVES.get(key.asymmetricKeyDetails?.namedCurve ?? "");
  const algorithms = new Set([digestAlgorithm(key), ...(own === undefined ? [] : [own])]);
  return [...algorithms].some((algorithm) => {
    try {
      return verify(algorithm, bytes, key, signature);
    } catch {
      // Not even the form of a signature.
      return false;
    }
  });
}

/** The name of a key in bundles, as cosign computes it: the SHA-256 of its DER form (SubjectPublicKeyInfo), in base64. */
export function keyHint(key: KeyObject): string {
  return hashOf(key).digest("base64");
}

/** The digest of a key's DER form (SubjectPublicKeyInfo), as `openssl pkey -pubin -outform DER | sha256sum` prints it. */
export function fingerprintOf(key: KeyObject): string {
  return digestOf(hashOf(key));
}

function hashOf(key: KeyObject): Hash {
  return createHash("sha256").update(key.export({ type: "spki", format: "der" }));
}
