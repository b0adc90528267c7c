/** Signatures of images in a real registry; test/cosign has the tests with cosign. */
import { spawn } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { once } from "node:events";
import { copyFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { buildText, failure, files, folder, IMGC, imgc, living, registry, startRegistry, tool } from "./tools.ts";
import { tokenServer } from "./token-server.ts";

const COSIGN = join(import.meta.dirname, "../sign/cosign.key");
const PUBLIC = join(import.meta.dirname, "../sign/cosign.pub");
const SPEC = `image "shop/api" {
  platforms [ linux/amd64 linux/arm64 ]
  files { "/greeting" text "hello" }
}`;

interface Report {
  digests: string[];
  findings: string[];
  signature: { forms: string[] };
  provenance?: { paths: number };
}

let index: string;
let host: string;
const other = folder();

beforeAll(async () => {
  index = (await buildText(SPEC)).path;
  host = await registry();
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  writeFileSync(join(other, "key.pem"), privateKey.export({ type: "pkcs8", format: "pem" }));
  writeFileSync(join(other, "key.pub"), publicKey.export({ type: "spki", format: "pem" }));
});

const push = (to: string, key: string, ...more: string[]) =>
  tool(process.execPath, [IMGC, "push", index, to, "--insecure", "--sign", key, ...more], {
    COSIGN_PASSWORD: "secret",
  });
const verify = async (reference: string, key = PUBLIC, ...more: string[]): Promise<Report> =>
  JSON.parse((await imgc("verify", "--insecure", "--json", "--key", key, reference, ...more)).stdout) as Report;

test("a push signs and attests the index and the image of each platform, for each key once", async () => {
  const to = `${host}/shop/api:v1`;
  const { stdout, stderr } = await push(to, COSIGN, "--attest", "provenance");
  const digest = stdout.trim().split("@")[1] as string;
  expect(stderr.match(/^signed .*$/gm)).toHaveLength(3);
  expect(stderr.match(/^attached the provenance to .*$/gm)).toHaveLength(3);
  const report = await verify(to);
  expect(report.signature).toEqual({ key: PUBLIC, forms: ["bundle", "tag"], log: "not checked" });
  expect(report.digests).toHaveLength(2);
  expect(await verify(to, PUBLIC, "--provenance")).toMatchObject({ findings: [], provenance: { layers: 2 } });
  const platform = await verify(`${host}/shop/api@${report.digests[1]}`, PUBLIC, "--provenance");
  expect(platform.findings).toEqual([]);
  expect(platform.signature.forms).toEqual(["bundle", "tag"]);

  expect((await failure(verify(to, join(other, "key.pub")))).stdout).toContain(
    `no signature of ${digest} is by the key ${join(other, "key.pub")}; at least one by another key was found`,
  );
  const again = await push(to, COSIGN, "--attest", "provenance");
  expect(again.stderr.match(/ is already signed by this key$/gm)).toHaveLength(3);
  expect(again.stderr.match(/^the provenance is already attached to /gm)).toHaveLength(3);
  expect(again.stderr).not.toMatch(/^signed /m);
  // A second key leaves the signature of the first.
  await push(to, join(other, "key.pem"));
  for (const key of [PUBLIC, join(other, "key.pub")]) expect((await verify(to, key)).findings).toEqual([]);
  // The second key signed no provenance.
  expect((await failure(verify(to, join(other, "key.pub"), "--provenance"))).stdout).toContain(
    `no signed statement of the type https://slsa.dev/provenance/v1 of ${digest} is by the key`,
  );
});

test("the provenance of a pushed description names every store path of its image", async () => {
  const spec = files({ "built.imgspec": 'image "shop/built" { packages [ hello ] }' });
  const to = `${host}/shop/built:v1`;
  const attest = ["--insecure", "--sign", COSIGN, "--attest", "provenance"];
  const pushed = await tool(process.execPath, [IMGC, "push", spec, to, ...attest], { COSIGN_PASSWORD: "secret" });
  expect(pushed.stderr).toContain(`attached the provenance to ${pushed.stdout.trim()}`);
  const report = await verify(to, PUBLIC, "--provenance");
  expect(report.findings).toEqual([]);
  expect(report.provenance?.paths).toBeGreaterThan(1);
  for (const wrong of [
    ["push", index, to, "--attest", "provenance"],
    ["verify", "--provenance", to],
  ])
    expect((await failure(imgc(...wrong))).code).toBe(2);
});

test("an image without a signature, and one with a copied signature, have a finding", async () => {
  const { stdout } = await imgc("push", join(index, "images/000"), `${host}/shop/plain:v1`, "--insecure");
  const digest = stdout.trim().split("@")[1] as string;
  const { stdout: text, code } = await failure(imgc("verify", "--insecure", "--key", PUBLIC, `${host}/shop/plain:v1`));
  expect({ text, code }).toEqual({
    text: `${digest} has no signature\n${host}/shop/plain:v1: 1 finding\n`,
    code: 1,
  });
  // The index of the first test.
  const signed = (await push(`${host}/shop/api:v1`, COSIGN)).stdout.trim().split("@")[1] as string;
  const tag = (of: string, name: string) => `docker://${host}/shop/${name}:${of.replace(":", "-")}.sig`;
  const insecure = ["--src-tls-verify=false", "--dest-tls-verify=false"];
  await tool("skopeo", ["--insecure-policy", "copy", ...insecure, tag(signed, "api"), tag(digest, "plain")]);
  expect((await failure(verify(`${host}/shop/plain@${digest}`))).stdout).toContain(
    `the signature by the key ${PUBLIC} is of ${signed}, but the image is ${digest}`,
  );
});

test("if the image cannot be signed, nothing is pushed", async () => {
  const to = `${host}/shop/unsigned:v1`;
  const pushWith = (command: string) => push(to, PUBLIC, "--sign-command", command);
  const isEmpty = async () => (await fetch(`http://${host}/v2/shop/unsigned/tags/list`)).status === 404;
  expect(await failure(pushWith("exit 7"))).toMatchObject({
    code: 3,
    stderr: expect.stringMatching(/--sign-command ended with exit code 7: exit 7; nothing was pushed$/m) as string,
  });
  expect(await failure(pushWith("cat"))).toMatchObject({
    code: 3,
    stderr: expect.stringMatching(/which are no signature .*; nothing was pushed$/m) as string,
  });
  expect(await isEmpty()).toBe(true);

  const started = join(folder(), "started");
  const command = `sh -c ': > "${started}"; exec sleep 300'; exit`;
  const args = [IMGC, "push", index, to, "--insecure", "--sign", PUBLIC, "--sign-command", command];
  const temporary = folder();
  const env = { ...process.env, TMPDIR: temporary };
  const child = spawn(process.execPath, args, { stdio: ["ignore", "ignore", "pipe"], env });
  const ended = once(child, "close");
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  await expect.poll(() => existsSync(started), { timeout: 60_000 }).toBe(true);
  child.kill("SIGTERM");
  expect((await ended)[0]).toBe(143);
  expect(stderr).toBe("imgc: interrupted; nothing was pushed\n");
  // The signal also ends the processes that the command started.
  await expect.poll(() => living(temporary), { timeout: 15_000 }).toEqual([]);
  expect(await isEmpty()).toBe(true);
});

test("bills of materials are attached with the fixed CVEs, and signed", async () => {
  const { path } = await buildText(`image "shop/fixed" {
    store [ nix ''(writeText "fixed-1.0" "x") // { patches = [ { name = "CVE-2020-1111.patch"; } ]; }'' ]
  }`);
  const to = `${host}/shop/fixed:v1`;
  const pushFixed = (...more: string[]) =>
    tool(process.execPath, [IMGC, "push", path, to, "--insecure", "--sbom", ...more], { COSIGN_PASSWORD: "secret" });
  const { stdout, stderr } = await pushFixed("--sign", COSIGN);
  expect(stderr).toMatch(/^attached the OpenVEX document /m);
  expect(stderr).toMatch(/^attached the signed OpenVEX document to /m);
  const tag = stdout.trim().split("@")[1]?.replace(":", "-");
  const listed = await tool("skopeo", ["inspect", "--raw", "--tls-verify=false", `docker://${host}/shop/fixed:${tag}`]);
  const { manifests } = JSON.parse(listed.stdout) as { manifests: { artifactType?: string; annotations?: object }[] };
  const types = manifests.map(({ artifactType, annotations }) => [artifactType, Object.values(annotations ?? {})[1]]);
  const bundle = "application/vnd.dev.sigstore.bundle.v0.3+json";
  // Older versions of skopeo leave the type of artifacts out of the index.
  if (types[0]?.[0] !== undefined)
    expect(types).toEqual([
      ["application/spdx+json", undefined],
      ["application/vnd.openvex+json", undefined],
      [bundle, "https://sigstore.dev/cosign/sign/v1"],
      [bundle, "https://spdx.dev/Document"],
      [bundle, "https://openvex.dev/ns"],
    ]);
  expect(manifests).toHaveLength(5);
  const again = await pushFixed("--sign", COSIGN);
  expect(again.stderr).toMatch(/^the signed OpenVEX document is already attached to /m);
});

test("signatures are written to and read from private registries", async () => {
  const passwords = { htpasswd: "user:$2y$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a\n" };
  for (const login of [passwords, { auth: await tokenServer("user:secret") }]) {
    const own = await registry(login);
    const to = `${own}/shop/private:v1`;
    const auths = { [own]: { auth: Buffer.from("user:secret").toString("base64") } };
    const file = files({ "auth.json": JSON.stringify({ auths }) });
    const env = { COSIGN_PASSWORD: "secret", REGISTRY_AUTH_FILE: file };
    const privately = (...args: string[]) => tool(process.execPath, [IMGC, ...args], env);
    await privately("push", join(index, "images/000"), to, "--insecure", "--sign", COSIGN);
    const verified = ["verify", "--insecure", "--json", "--key", PUBLIC, to];
    const report = JSON.parse((await privately(...verified)).stdout) as Report;
    expect(report).toMatchObject({ findings: [], signature: { forms: ["bundle", "tag"] } });
    expect((await failure(imgc(...verified))).code).toBe(3);
  }
});

test("a base is pinned only if the key of `signed-base` signed it", async () => {
  const own = await startRegistry();
  const base = `${own.address}/shop/base:v1`;
  const spec = files({
    "on.imgspec": `image "shop/on" {\n  base registry "${base}"\n  expect {\n    signed-base ./base.pub\n  }\n}\n`,
  });
  const key = join(dirname(spec), "base.pub");
  const lock = join(dirname(spec), "imgc.lock");
  const diagnosticOf = async (command: string) => {
    const { code, stderr } = await failure(imgc(command, spec));
    const [, place, text] = /^(\S+ error): (.*)$/m.exec(stderr) ?? [];
    return { code, place: place?.replace(dirname(spec), ""), text };
  };
  const place = "/on.imgspec:4:5: error";
  copyFileSync(PUBLIC, key);
  await imgc("push", index, base, "--insecure");
  // The images of both platforms are signed, but not the index; then the index is signed as well.
  const pushImage = (name: string) =>
    tool(
      process.execPath,
      [IMGC, "push", join(index, "images", name), `${own.address}/shop/base:${name}`, "--insecure", "--sign", COSIGN],
      { COSIGN_PASSWORD: "secret" },
    );
  await pushImage("000");
  expect(await diagnosticOf("lock")).toMatchObject({
    code: 1,
    place,
    text: expect.stringMatching(/has no signature \[/) as string,
  });
  await pushImage("001");
  const pinned = await imgc("lock", spec);
  expect(pinned.stdout).toContain(`${base}  signed by ${key}\n`);
  const recorded = readFileSync(lock, "utf8");
  expect(recorded).toMatch(/"signedBy": \{\s*"sha256:[0-9a-f]{64}": \[/);

  // Another digest below the same record, as a tool that updates digests leaves it.
  const changed = recorded.replace(/"manifest":"sha256:[0-9a-f]{64}"/, `"manifest":"sha256:${"0".repeat(64)}"`);
  const unchecked = { code: 1, place, text: expect.stringMatching(/\[unchecked-base\]$/) as string };
  writeFileSync(lock, changed);
  expect(await diagnosticOf("build")).toMatchObject(unchecked);
  expect((await diagnosticOf("lock")).code).toBe(1);
  writeFileSync(lock, recorded);

  copyFileSync(join(other, "key.pub"), key);
  expect(await diagnosticOf("compile")).toMatchObject(unchecked);
  await push(base, COSIGN);
  expect(await diagnosticOf("lock")).toMatchObject({
    code: 1,
    place,
    text: expect.stringMatching(/is by the key .* \[unsigned-base\]$/) as string,
  });
  expect(readFileSync(lock, "utf8")).toBe(recorded);
  writeFileSync(key, "no key");
  for (const command of ["lock", "build"])
    expect(await diagnosticOf(command)).toMatchObject({
      code: 1,
      place,
      text: expect.stringMatching(/\[bad-key\]$/) as string,
    });

  copyFileSync(PUBLIC, key);
  writeFileSync(lock, changed);
  expect((await diagnosticOf("lock")).text).toMatch(/does not list the image sha256:0+ .* \[unsigned-base\]$/);
  expect((await imgc("lock", "--update", spec)).stdout).toContain("signed by");
  expect(readFileSync(lock, "utf8")).toContain('"signedBy"');
  own.process.kill();
  await imgc("build", spec, "--no-link");
});

test("a wrong key, and a key that does not sign, are wrong usage before anything is sent", async () => {
  const to = `${host}/shop/none:v1`;
  const wrong = tool(process.execPath, [IMGC, "push", index, to, "--sign", COSIGN], { COSIGN_PASSWORD: "no" });
  expect(await failure(wrong)).toMatchObject({ code: 2, stderr: expect.stringContaining("COSIGN_PASSWORD is wrong") });
  expect(await failure(imgc("push", index, to, "--sign-command", "cat"))).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("--sign-command needs --sign"),
  });
  expect(await failure(imgc("verify", "--key", PUBLIC, index))).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("is an image directory on this machine, but --key checks signatures in a registry"),
  });
  expect(await failure(imgc("verify", "--insecure", "--key", PUBLIC, to))).toMatchObject({ code: 3 });
});
