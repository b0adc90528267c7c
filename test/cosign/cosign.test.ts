/** Signatures, from imgc to real cosign and back, without network. */
import { generateKeyPairSync } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { offline } from "./offline.ts";
import { build, buildText, EXAMPLES, failure, files, folder, IMGC, imgc, registry, tool } from "../e2e/tools.ts";

const keys = folder();
/** cosign writes into the home folder. */
const ENV = { COSIGN_PASSWORD: "secret", HOME: folder() };
const key = (name: string) => join(keys, name);
const OFFLINE = ["--insecure-ignore-tlog=true"];
const cosign = (...args: string[]) => tool("cosign", args, ENV);

let image: string;
let host: string;
beforeAll(async () => {
  image = (await build(join(EXAMPLES, "hello.imgspec"))).path;
  host = await registry();
  const pairs = {
    p256: generateKeyPairSync("ec", { namedCurve: "P-256" }),
    p384: generateKeyPairSync("ec", { namedCurve: "P-384" }),
    ed25519: generateKeyPairSync("ed25519"),
    rsa: generateKeyPairSync("rsa", { modulusLength: 2048 }),
  };
  for (const [name, { privateKey, publicKey }] of Object.entries(pairs)) {
    writeFileSync(key(`${name}.pem`), privateKey.export({ type: "pkcs8", format: "pem" }));
    writeFileSync(key(`${name}.pub`), publicKey.export({ type: "spki", format: "pem" }));
  }
  const { privateKey, publicKey } = pairs.p384;
  const encrypted = { cipher: "aes-256-cbc", passphrase: ENV.COSIGN_PASSWORD };
  writeFileSync(key("encrypted.pem"), privateKey.export({ type: "pkcs8", format: "pem", ...encrypted }));
  writeFileSync(key("encrypted.pub"), publicKey.export({ type: "spki", format: "pem" }));
  await tool("cosign", ["generate-key-pair", "--output-key-prefix", key("cosign")], ENV);
});

const push = (to: string, ...more: string[]) =>
  tool(process.execPath, [IMGC, "push", image, to, "--insecure", ...more], ENV);
const verify = (reference: string, name: string) => imgc("verify", "--insecure", "--key", key(name), reference);

test("cosign verifies signatures of imgc with keys of each type, and refuses another key", async () => {
  const names = { cosign: "key", p256: "pem", p384: "pem", encrypted: "pem", ed25519: "pem", rsa: "pem" };
  await Promise.all(
    Object.entries(names).map(async ([name, extension]) => {
      const reference = `${host}/own/${name}:v1`;
      const { stdout } = await push(reference, "--sign", key(`${name}.${extension}`));
      const digest = stdout.trim().split("@")[1] as string;
      const verified = await cosign("verify", "--key", key(`${name}.pub`), ...OFFLINE, reference);
      expect(verified.stdout).toContain(digest);
    }),
  );
  const other = cosign("verify", "--key", key("rsa.pub"), ...OFFLINE, `${host}/own/p256:v1`);
  expect((await failure(other)).code).not.toBe(0);
});

test("imgc verifies signatures of cosign, beside its own", async () => {
  const reference = `${host}/theirs:v1`;
  const { stdout } = await push(reference, "--sign", key("p256.pem"));
  await cosign("sign", "--key", key("cosign.key"), ...(await offline("sign")), stdout.trim());
  for (const name of ["cosign.pub", "p256.pub"])
    expect((await verify(reference, name)).stdout).toContain(`signed   by ${key(name)} (`);
  expect((await failure(verify(reference, "rsa.pub"))).code).toBe(1);
  for (const name of ["cosign.pub", "p256.pub"]) await cosign("verify", "--key", key(name), ...OFFLINE, reference);
});

test("imgc verifies signatures of cosign with keys of each type", async () => {
  const isBundled = (await tool("cosign", ["sign", "--help"])).stdout.includes("--signing-config");
  const options = await offline("sign");
  await Promise.all(
    // cosign 2.5 of Debian imports Ed25519 keys only; test/sign/vectors.json has its signatures by keys of the other types.
    [...(isBundled ? ["p384", "rsa"] : []), "ed25519"].map(async (name) => {
      const reference = `${host}/theirs/${name}:v1`;
      const { stdout } = await push(reference);
      await cosign("import-key-pair", "--key", key(`${name}.pem`), "--output-key-prefix", key(`imported-${name}`));
      await cosign("sign", "--key", key(`imported-${name}.key`), ...options, stdout.trim());
      const verified = verify(reference, `imported-${name}.pub`);
      // cosign 3 signs bundles with Ed25519ph, which `cosign verify` refuses as well.
      if (name === "ed25519" && isBundled) expect((await failure(verified)).stdout).toContain("such as Ed25519ph");
      else expect((await verified).stdout).toContain(`signed   by ${key(`imported-${name}.pub`)} (`);
    }),
  );
});

test("a base that cosign signed is pinned with cosign's key, and refused with another key", async () => {
  const reference = `${host}/base:v1`;
  const { stdout } = await push(reference);
  await cosign("sign", "--key", key("cosign.key"), ...(await offline("sign")), stdout.trim());
  const specWith = (name: string) =>
    files({
      "on.imgspec": `image "shop/on" {\n  base registry "${reference}"\n  expect {\n    signed-base ${key(name)}\n  }\n}\n`,
    });
  const refused = specWith("rsa.pub");
  const { code, stderr } = await failure(imgc("lock", refused));
  expect([code, stderr]).toEqual([1, expect.stringContaining(`${refused}:4:5: error: `)]);
  expect(stderr).toContain(`is by the key ${key("rsa.pub")}; one by another key was found`);
  expect((await imgc("lock", specWith("cosign.pub"))).stdout).toContain(`${reference}  signed by ${key("cosign.pub")}`);
});

test("cosign verifies the signed bill of materials and OpenVEX document, and refuses another key", async () => {
  const { path } = await buildText(`image "shop/fixed" {
    store [ nix ''(writeText "fixed-1.0" "x") // { patches = [ { name = "CVE-2020-1111.patch"; } ]; }'' ]
  }`);
  const reference = `${host}/fixed:v1`;
  const args = [IMGC, "push", path, reference, "--insecure", "--sbom", "--sign", key("cosign.key")];
  await tool(process.execPath, args, ENV);
  const services = files({
    "none.json": '{ "mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1" }',
  });
  const attested = async (type: string, by: string) => {
    const options = [...OFFLINE, "--new-bundle-format", "--trusted-root", services, "--type", type];
    const { stdout } = await cosign("verify-attestation", "--key", key(by), ...options, reference);
    const { payload } = JSON.parse(stdout) as { payload: string };
    return JSON.parse(Buffer.from(payload, "base64").toString()) as object;
  };
  expect(await attested("spdxjson", "cosign.pub")).toMatchObject({ predicateType: "https://spdx.dev/Document" });
  expect(await attested("openvex", "cosign.pub")).toMatchObject({
    predicate: { statements: [{ vulnerability: { name: "CVE-2020-1111" }, status: "fixed" }] },
  });
  expect((await failure(attested("openvex", "p256.pub"))).code).not.toBe(0);
});

test("oras lists the signature as a referrer, and copies it with the image", async () => {
  const reference = `${host}/listed:v1`;
  await push(reference, "--sign", key("p256.pem"));
  const { stdout } = await tool("oras", ["discover", "--plain-http", "--format", "json", reference]);
  expect(stdout).toContain("https://sigstore.dev/cosign/sign/v1");
  const copy = ["cp", "--recursive", "--from-plain-http", "--to-plain-http"];
  await tool("oras", [...copy, reference, `${host}/copied:v1`]);
  expect((await verify(`${host}/copied:v1`, "p256.pub")).stdout).toContain("(bundle)");
});
