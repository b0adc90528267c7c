/** cosign.key and cosign.pub: `COSIGN_PASSWORD=secret cosign generate-key-pair`, with cosign 3.1. */
import { generateKeyPairSync, verify, type KeyObject } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readDocuments } from "../../src/sign/documents.ts";
import { BUNDLE_TYPE } from "../../src/sign/formats.ts";
import { makeBundle } from "../../src/sign/make-bundle.ts";
import { isSignedBy, readPublicKey } from "../../src/sign/public-key.ts";
import { readSigner } from "../../src/sign/signer.ts";
import { check } from "../../src/sign/verify-signature.ts";
import { sha256 } from "../../src/oci/digest.ts";
import { folder } from "../e2e/tools.ts";

const COSIGN = join(import.meta.dirname, "cosign.key");
const { signal } = new AbortController();
const bytes = Buffer.from("bytes to sign");

const PKCS8 = { type: "pkcs8", format: "pem" } as const;
function written(privateKey: KeyObject, password?: string): string {
  const file = join(folder(), "key.pem");
  const encryption = password === undefined ? {} : { cipher: "aes-256-cbc", passphrase: password };
  writeFileSync(file, privateKey.export({ ...PKCS8, ...encryption }));
  return file;
}
const thrownBy = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    return String(error);
  }
  return "no error";
};
const signer = (file: string, password?: string, command?: string) => readSigner(file, { password, command, signal });

test("signs with a key of cosign", async () => {
  const { publicKey, sign } = signer(COSIGN, "secret");
  expect(publicKey.key.equals(readPublicKey(join(import.meta.dirname, "cosign.pub")).key)).toBe(true);
  expect(verify("sha256", bytes, publicKey.key, await sign(bytes))).toBe(true);
});

test.each([
  ["P-256", generateKeyPairSync("ec", { namedCurve: "P-256" })],
  ["P-384", generateKeyPairSync("ec", { namedCurve: "P-384" })],
  ["Ed25519", generateKeyPairSync("ed25519")],
  ["RSA", generateKeyPairSync("rsa", { modulusLength: 2048 })],
])("signs with a PKCS#8 key %s, plain and encrypted", async (_, { privateKey, publicKey }) => {
  for (const own of [signer(written(privateKey)), signer(written(privateKey, "word"), "word")]) {
    expect(own.publicKey.key.equals(publicKey)).toBe(true);
    const signature = await own.sign(bytes);
    expect(isSignedBy(own.publicKey, bytes, signature)).toBe(true);
    expect(isSignedBy(own.publicKey, Buffer.from("other"), signature)).toBe(false);
  }
});

test("says why a private key cannot be used", () => {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "secp256k1" });
  const encrypted = written(privateKey, "word");
  const missing = `${encrypted} is encrypted; put its password into the environment variable COSIGN_PASSWORD`;
  expect(() => signer(encrypted)).toThrow(missing);
  expect(() => signer(COSIGN)).toThrow("is encrypted; put its password");
  for (const file of [COSIGN, encrypted])
    expect(() => signer(file, "wrong")).toThrow("the password in COSIGN_PASSWORD is wrong, or the file is damaged");
  expect(() => signer(written(privateKey))).toThrow(/is a key of the type secp256k1; imgc supports ECDSA on P-256/);
  expect(() => signer(join(import.meta.dirname, "cosign.pub"))).toThrow("cosign.pub is a public key; give the private");
  expect(() => signer("/proc/nowhere")).toThrow("the private key /proc/nowhere does not exist");
});

test("says why a public key cannot be used", () => {
  expect(() => readPublicKey(COSIGN)).toThrow("cosign.key is a private key; give the public key");
  expect(() => readPublicKey("/proc/nowhere")).toThrow("the public key /proc/nowhere does not exist");
  expect(() => readPublicKey(join(import.meta.dirname, "../../package.json"))).toThrow(
    "has no PEM block; a public key is a PEM file",
  );
});

const PUBLIC = readFileSync(join(import.meta.dirname, "cosign.pub"), "utf8");
const PRIVATE = generateKeyPairSync("ed25519").privateKey.export(PKCS8).toString();
const GARBAGE = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
test.each([
  ["a truncated public key", PUBLIC.slice(0, 80), readPublicKey, "is truncated: the line `-----END PUBLIC KEY-----`"],
  [
    "a damaged public key",
    PUBLIC.replace(/^M.{9}/m, "AAAAAAAAAA"),
    readPublicKey,
    "is damaged: its PEM block holds no valid public",
  ],
  [
    "two public keys",
    PUBLIC + PUBLIC,
    readPublicKey,
    "has 2 PEM blocks (PUBLIC KEY, PUBLIC KEY); put the wanted public",
  ],
  ["a pair of keys", PUBLIC + PRIVATE, readPublicKey, "has 2 PEM blocks (PUBLIC KEY, PRIVATE KEY); put the wanted"],
  ["a certificate", PUBLIC.replaceAll("PUBLIC KEY", "CERTIFICATE"), readPublicKey, "has the PEM block CERTIFICATE"],
  ["a truncated private key", PRIVATE.slice(0, 60), signer, "is truncated: the line `-----END PRIVATE KEY-----`"],
  ["a garbage private key", GARBAGE, signer, "is damaged: its PEM block holds no valid private key"],
  ["two private keys", PRIVATE + PRIVATE, signer, "has 2 PEM blocks (PRIVATE KEY, PRIVATE KEY)"],
  ["a text", "secret\n", signer, "has no PEM block; a private key is a PEM file"],
  ["a key of SSH", PRIVATE.replaceAll("PRIVATE", "OPENSSH PRIVATE"), signer, "has the PEM block OPENSSH PRIVATE KEY"],
])("rejects %s, and says why", (_, text, read: (file: string) => unknown, expected) => {
  const file = join(folder(), "a.key");
  writeFileSync(file, text);
  const message = thrownBy(() => read(file));
  expect(message).toContain(`${file} ${expected}`);
  expect(message).not.toContain("DECODER");
});

test("rejects folders in the place of keys", () => {
  expect(() => readPublicKey(import.meta.dirname)).toThrow("is a folder, not a public key; a public key is a PEM file");
  expect(() => signer(import.meta.dirname)).toThrow("is a folder, not a private key; a private key is a PEM file");
});

test("reads an EC key after its curve", () => {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const file = join(folder(), "ec.pem");
  const curve = "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n";
  writeFileSync(file, curve + privateKey.export({ type: "sec1", format: "pem" }).toString());
  expect(signer(file).publicKey.key.equals(publicKey)).toBe(true);
});

test("signs with a command that writes the signature, or its base64", async () => {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const file = written(privateKey);
  const own = join(folder(), "key.pub");
  writeFileSync(own, publicKey.export({ type: "spki", format: "pem" }));
  const script = (encoding: string) =>
    `"${process.execPath}" -e 'const { sign } = require("crypto"), fs = require("fs"); ` +
    `process.stdout.write(sign("sha256", fs.readFileSync(0), fs.readFileSync(process.argv[1]))${encoding})' "${file}"`;
  for (const encoding of ["", '.toString("base64") + "\\n"']) {
    const { sign, publicKey: key } = signer(own, undefined, script(encoding));
    expect(isSignedBy(key, bytes, await sign(bytes))).toBe(true);
  }
  await expect(signer(own, undefined, "exit 7").sign(bytes)).rejects.toThrow(
    "--sign-command ended with exit code 7: exit 7",
  );
  await expect(signer(own, undefined, "cat").sign(bytes)).rejects.toThrow(
    `--sign-command wrote 13 bytes, which are no signature of its input by the key ${own}`,
  );
});

test("an abort ends the command and the processes that it started", async () => {
  const own = join(folder(), "key.pub");
  writeFileSync(
    own,
    generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey.export({ type: "spki", format: "pem" }),
  );
  const started = join(folder(), "pid");
  const command = `sh -c 'echo $$ > "${started}.new"; mv "${started}.new" "${started}"; exec sleep 300'; exit`;
  const controller = new AbortController();
  const { sign } = readSigner(own, { command, password: undefined, signal: controller.signal });
  const signed = sign(bytes);
  await expect.poll(() => existsSync(started), { timeout: 20_000 }).toBe(true);
  const pid = Number(readFileSync(started, "utf8"));
  controller.abort(new Error("interrupted"));
  await expect(signed).rejects.toThrow("interrupted");
  // An ended process stays as a zombie until its new parent has read the exit code.
  const state = () => {
    try {
      return readFileSync(`/proc/${pid}/stat`, "utf8").split(" ")[2];
    } catch {
      return "ended";
    }
  };
  await expect.poll(state, { timeout: 20_000 }).toMatch(/^(?:Z|ended)$/);
});

test("a bundle that imgc makes is one that imgc reads", async () => {
  const own = signer(COSIGN, "secret");
  const digest = sha256("an image");
  const made = await makeBundle(digest, { predicateType: "https://example.org/p", predicate: { a: 1 } }, own);
  const described = { mediaType: BUNDLE_TYPE, digest: sha256(made), size: made.length };
  const documents = readDocuments({ layers: [{ described, bytes: made }] }, "shop@sha256:0");
  expect(check(documents, digest, own.publicKey, "https://example.org/p")).toMatchObject({
    valid: [{ form: "bundle", predicate: { a: 1 }, digests: [digest] }],
    finding: undefined,
  });
  expect(check(documents, digest, own.publicKey, "https://example.org/q").finding).toBe(
    `${digest} has no signed statement of the type https://example.org/q`,
  );
});
