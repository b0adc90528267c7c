/** Key files: one key in a PEM block (RFC 7468). */
import { readFileSync } from "node:fs";
import { EXIT, ImgcError, messageOf } from "../util/errors.ts";

interface KeyKind {
  name: string;
  /** Matches the labels of PEM blocks with such a key. */
  labels: RegExp;
  advice: string;
}

export const PUBLIC_KEY: KeyKind = {
  name: "public key",
  labels: /^(?:RSA )?PUBLIC KEY$/,
  advice:
    "a public key is a PEM file that begins with `-----BEGIN PUBLIC KEY-----`; `cosign generate-key-pair` writes cosign.pub, and " +
    "`openssl pkey -in PRIVATE_KEY -pubout` writes the public key of a private key",
};
export const PRIVATE_KEY: KeyKind = {
  name: "private key",
  // OpenSSL cannot read the format of OpenSSH.
  labels: /^(?!OPENSSH )(?:[A-Z]+ )*PRIVATE KEY$/,
  advice:
    "a private key is a PEM file that begins with `-----BEGIN PRIVATE KEY-----`, or with `ENCRYPTED` in that line; " +
    "`cosign generate-key-pair` writes cosign.key, and `openssl genpkey -algorithm ed25519` writes a key without a password",
};

/** Reads the text of a key file. */
export function readKeyFile(file: string, { name, advice }: KeyKind): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "EISDIR") throw new ImgcError(EXIT.usage, `${file} is a folder, not a ${name}; ${advice}`);
    if (code === "ENOENT") throw new ImgcError(EXIT.usage, `the ${name} ${file} does not exist; ${advice}`);
    throw new ImgcError(EXIT.usage, `cannot read the ${name} ${file}: ${messageOf(error)}`);
  }
}

/** The labels of the PEM blocks, such as `PUBLIC KEY`. The curve that OpenSSL writes before a key is left out. */
export function pemLabels(pem: string): string[] {
  const labels = [...pem.matchAll(/-----BEGIN ([A-Z0-9 ]+)-----/g)].map(([, label = ""]) => label);
  return labels.filter((label) => label !== "EC PARAMETERS");
}

/** Throws unless the text has exactly one PEM block, and this block is complete and of the kind. */
export function requireOneBlock(pem: string, file: string, { name, labels, advice }: KeyKind): void {
  const [label, ...others] = pemLabels(pem);
  if (label === undefined) throw new ImgcError(EXIT.usage, `${file} has no PEM block; ${advice}`);
  if (others.length > 0) {
    const all = [label, ...others].join(", ");
    throw new ImgcError(
      EXIT.usage,
      `${file} has ${others.length + 1} PEM blocks (${all}); put the wanted ${name} into a file of its own`,
    );
  }
  if (!labels.test(label))
    throw new ImgcError(EXIT.usage, `${file} has the PEM block ${label}, which is not a ${name}; ${advice}`);
  if (!pem.includes(`-----END ${label}-----`))
    throw new ImgcError(EXIT.usage, `${file} is truncated: the line \`-----END ${label}-----\` is missing; ${advice}`);
}

/** An error about a complete PEM block with invalid content. OpenSSL's own messages do not help. */
export function damagedKey(file: string, { name, advice }: KeyKind): ImgcError {
  return new ImgcError(EXIT.usage, `${file} is damaged: its PEM block holds no valid ${name}; ${advice}`);
}
