/**
 * Signatures that real cosign made. For each key: `openssl genpkey …`, `cosign import-key-pair --key KEY`, and
 * 2.5: `cosign sign --key KEY --tlog-upload=false REF`; 3.1: `cosign sign --key KEY --signing-config FILE REF`, with a
 * file that names no services. `described` and `document` are the layer of the manifest that cosign pushed.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { SIGNATURE_PREDICATE } from "../../src/sign/formats.ts";
import { parsePublicKey } from "../../src/sign/public-key.ts";
import { readDocuments } from "../../src/sign/documents.ts";
import { check } from "../../src/sign/verify-signature.ts";

interface Vector {
  cosign: "2.5" | "3.1";
  key: string;
  publicKey: string;
  described: { mediaType: string; digest: string; size: number; annotations?: Record<string, string> };
  document: string;
}
const { digest, signatures } = JSON.parse(readFileSync(join(import.meta.dirname, "vectors.json"), "utf8")) as {
  digest: string;
  signatures: Vector[];
};
const vector = (cosign: string, key: string) =>
  signatures.find((each) => each.cosign === cosign && each.key === key) as Vector;
const keyOf = ({ key, publicKey }: Vector) => ({ file: `${key}.pub`, key: parsePublicKey(publicKey, `${key}.pub`) });
const read = ({ described, document }: Vector) =>
  readDocuments({ layers: [{ described, bytes: Buffer.from(document) }] }, "shop@sha256:0");
const result = (vectors: Vector[], key: Vector, of = digest) => {
  const all = vectors.map(read);
  const documents = {
    signed: all.flatMap(({ signed }) => signed),
    unreadable: all.flatMap(({ unreadable }) => unreadable),
  };
  return check(documents, of, keyOf(key), SIGNATURE_PREDICATE);
};

const KNOWN = signatures.filter(({ cosign, key }) => cosign !== "3.1" || key !== "ed");

test.each(KNOWN)("verifies a signature of cosign $cosign with a key of the type $key", (each) => {
  const { valid, finding } = result([each], each);
  expect(finding).toBeUndefined();
  expect(valid).toMatchObject([{ form: each.cosign === "2.5" ? "tag" : "bundle", isLogged: false, digests: [digest] }]);
});

test("says that Ed25519ph, which cosign 3 uses in bundles, is not known", () => {
  const each = vector("3.1", "ed");
  expect(result([each], each).finding).toBe(
    `the signature of ${digest} names the key ed.pub, but is damaged, or of a form that imgc does not know, such as Ed25519ph`,
  );
});

test("says why an image is not signed", () => {
  const own = vector("3.1", "p256");
  expect(result([], own).finding).toBe(`${digest} has no signature`);
  const others = [vector("2.5", "p384"), vector("2.5", "rsa2048")];
  expect(result(others, own).finding).toBe(
    `no signature of ${digest} is by the key p256.pub; 2 by other keys were found`,
  );
  // Tags do not name keys: the bundle and the tag may be one signature.
  const forms = [vector("2.5", "p384"), vector("3.1", "p384")];
  expect(result(forms, own).finding).toMatch(/; at least one by another key was found$/);
  expect(result([...others, ...forms], own).finding).toMatch(/; at least 3 by other keys were found$/);
  const other = `sha256:${"1".repeat(64)}`;
  expect(result([own], own, other).finding).toBe(
    `the signature by the key p256.pub is of ${digest}, but the image is ${other}`,
  );
  // A single valid signature suffices.
  expect(result([...others, own], own).finding).toBeUndefined();
});

test("a changed payload, a damaged signature and a foreign document do not count", () => {
  const simple = vector("2.5", "p256");
  const changed = { ...simple, document: simple.document.replace('"optional":null', '"optional":{}') };
  expect(changed.document).not.toBe(simple.document);
  expect(result([changed], simple).finding).toContain("one by another key was found");
  const unsigned = { ...simple, described: { ...simple.described, annotations: {} } };
  expect(result([unsigned], simple).finding).toContain("one by another key was found");
  const bundle = vector("3.1", "p256");
  const { dsseEnvelope, ...rest } = JSON.parse(bundle.document) as { dsseEnvelope: { signatures: { sig: string }[] } };
  const sig = Buffer.from(dsseEnvelope.signatures[0]?.sig ?? "", "base64");
  sig[sig.length - 1] = (sig.at(-1) as number) ^ 1;
  const damaged = { ...rest, dsseEnvelope: { ...dsseEnvelope, signatures: [{ sig: sig.toString("base64") }] } };
  expect(result([{ ...bundle, document: JSON.stringify(damaged) }], bundle).finding).toContain("is damaged");
  expect(result([{ ...bundle, document: JSON.stringify(rest) }], bundle).finding).toContain(
    "the bundle has no DSSE envelope",
  );
  expect(result([{ ...bundle, document: "<html>" }], bundle).finding).toContain("is not JSON");
  const picture = { ...bundle, described: { ...bundle.described, mediaType: "image/png" } };
  expect(result([picture], bundle).finding).toBe(`${digest} has no signature`);
});
