import { chmodSync, lstatSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { sizeText } from "../../src/util/quantities.ts";
import { readImageDirectory, type ImageDirectory } from "../../src/image/image-directory.ts";
import { freshMachine } from "./fresh.ts";
import { proxy, uploaded } from "./proxy.ts";
import { buildText, cleanUp, failure, files, folder, IMGC, imgc, registry, tool } from "./tools.ts";

const stamp = `${Date.now()}`;
const text = (app: string) => `image "test/push" {
  tag "v1"
  store [ nix ''writeText "push-app" "${stamp} ${app} ''\${openssl}"'' ]
  layers { layer "runtime" [ openssl ] each }
}`;

let first: ImageDirectory;
let second: ImageDirectory;
let address: string;
const push = (image: ImageDirectory, ...more: string[]) => imgc("push", image.path, ...more, "--insecure");
const digestOf = async (image: ImageDirectory) =>
  (JSON.parse((await imgc("verify", "--json", image.path)).stdout) as { digests: string[] }).digests[0] as string;
const digestAt = async (reference: string) =>
  (
    await tool("skopeo", ["inspect", "--tls-verify=false", "--format", "{{.Digest}}", `docker://${reference}`])
  ).stdout.trim();

beforeAll(async () => {
  first = readImageDirectory((await buildText(text("one"))).path);
  second = readImageDirectory((await buildText(text("two"))).path);
  address = await registry();
});

test("pushes the built image; a second push sends nothing, a changed app sends its layer", async () => {
  const front = await proxy(address);
  const digest = await digestOf(first);
  const before = await push(first, `${front.address}/push/once`);
  expect(before.stdout).toBe(`${front.address}/push/once@${digest}\n`);
  expect(before.stderr).toContain(`${first.layers.length} layers sent`);
  expect(await digestAt(`${address}/push/once:v1`)).toBe(digest);
  expect(uploaded(front).toSorted()).toEqual(
    [first.manifest.config.digest, ...first.layers.map((layer) => layer.digest)].toSorted(),
  );

  front.asked.length = 0;
  expect((await push(first, `${front.address}/push/once`)).stderr).toContain("no layer sent");
  expect(uploaded(front)).toEqual([]);
  // Requests: /v2/, each blob, and the tag, which is written, then read back by a second skopeo.
  expect(front.asked.length).toBeLessThanOrEqual(first.layers.length + 6);

  front.asked.length = 0;
  const dry = await imgc("push", second.path, `${front.address}/push/once:v2`, "--insecure", "--dry-run");
  expect(uploaded(front)).toEqual([]);
  const app = second.layers.find(({ digest: each }) => first.layers.every((layer) => layer.digest !== each));
  const documents = second.manifestBytes.length + second.configBytes.length;
  expect(dry.stdout).toContain(`1 layer, ${sizeText((app?.size ?? 0) + documents)} would be sent`);
  await push(second, `${front.address}/push/once:v2`);
  expect(uploaded(front).toSorted()).toEqual([app?.digest ?? "", second.manifest.config.digest].toSorted());
});

test("lost blobs are sent again although the tag still leads to the image", async () => {
  const path = folder();
  const own = await registry({ path });
  const front = await proxy(own);
  const place = `${front.address}/push/lost`;
  await push(first, place);
  const { digest, size } = first.layers[0] as { digest: string; size: number };
  const hash = digest.replace("sha256:", "");
  const file = join(path, "data/docker/registry/v2/blobs/sha256", hash.slice(0, 2), hash, "data");
  expect(lstatSync(file).size).toBe(size);
  rmSync(file);
  front.asked.length = 0;
  await push(first, place);
  expect(uploaded(front)).toEqual([digest]);
  expect(lstatSync(file).size).toBe(size);
});

test("an immutable tag is no failure if it already leads to the image", async () => {
  const front = await proxy(address);
  const place = `${front.address}/push/immutable`;
  await push(first, place);
  front.refuse = (method, url) => method === "PUT" && url.includes("/manifests/");
  expect((await push(first, place)).stdout).toBe(`${place}@${await digestOf(first)}\n`);
  const { code, stderr } = await failure(push(second, place));
  expect([code, stderr]).toEqual([3, expect.stringContaining("uploading manifest")]);
});

test("blobs are mounted from another repository of the registry", async () => {
  const front = await proxy(address);
  await push(first, `${front.address}/push/one`);
  front.asked.length = 0;
  const { stderr } = await push(first, `${front.address}/push/other`);
  expect(stderr).toContain("no layer sent");
  expect(uploaded(front)).toEqual([first.manifest.config.digest]);
  expect(await digestAt(`${address}/push/other:v1`)).toBe(await digestOf(first));

  // A mount writes to the registry, so a dry run does not try it.
  front.asked.length = 0;
  const { stdout } = await push(first, `${front.address}/push/third`, "--dry-run");
  expect(stdout).toContain(`${first.layers.length} layers, `);
  expect(front.asked.filter(({ method }) => method !== "GET" && method !== "HEAD")).toEqual([]);
});

test("attaching keeps earlier attachments in registries without a referrers API", async () => {
  const front = await proxy(address);
  const place = `${front.address}/push/attached`;
  const attached = async () => {
    const tag = (await digestOf(first)).replace(":", "-");
    const { stdout } = await tool("skopeo", [
      "inspect",
      "--raw",
      "--tls-verify=false",
      `docker://${address}/push/attached:${tag}`,
    ]);
    return (JSON.parse(stdout) as { manifests: unknown[] }).manifests.length;
  };
  await push(first, place, "--sbom", "spdx");
  front.refuse = (method, url) => method === "GET" && url.includes("/manifests/sha256-");
  expect((await failure(push(first, place, "--sbom", "cyclonedx"))).code).toBe(3);
  expect(await attached()).toBe(1);
  front.refuse = () => false;
  await push(first, place, "--sbom", "cyclonedx");
  expect(await attached()).toBe(2);
});

test("several tags and registries at once", async () => {
  const other = await registry();
  const places = [`${address}/push/many:a`, `${address}/push/many:b`, `${other}/push/many:a`];
  const { stdout } = await push(first, ...places);
  const digest = await digestOf(first);
  expect(
    stdout
      .split("\n")
      .filter((line) => line !== "")
      .toSorted(),
  ).toEqual(places.map((place) => `${place.replace(/:\w$/, "")}@${digest}`).toSorted());
  for (const place of places) expect(await digestAt(place)).toBe(digest);
});

test("a temporary failure is retried, an unreachable registry is an error", async () => {
  const front = await proxy(address);
  let puts = 0;
  front.pass = (method) => method !== "PUT" || ++puts !== 2;
  await push(first, `${front.address}/push/shaky`);
  expect(await digestAt(`${address}/push/shaky:v1`)).toBe(await digestOf(first));

  front.pass = () => false;
  const { code, stdout, stderr } = await failure(push(first, `${front.address}/push/dead`));
  expect([code, stdout]).toEqual([3, ""]);
  expect(stderr).toMatch(/^imgc: .*\/push\/dead:v1: the connection to .* broke/m);
});

test("a registry with a full disk gets no tag, and with more room the push resumes", async () => {
  const path = folder();
  const mount = (option: string) => tool("mount", ["-t", "tmpfs", "-o", option, "none", path]);
  // Room for the small layers, but not for the largest.
  const largest = Math.max(...first.layers.map(({ size }) => size));
  await mount(`size=${largest}`);
  cleanUp(() => tool("umount", [path]));
  const own = await registry({ path });
  const front = await proxy(own);
  const place = `${front.address}/push/full`;
  const { code, stdout, stderr } = await failure(push(first, place));
  expect([code, stdout]).toEqual([3, ""]);
  expect(stderr).toMatch(/^imgc: .*\/push\/full:v1: .* failed; see its log .* 500 /m);
  await failure(digestAt(`${own}/push/full:v1`));
  const arrived = uploaded(front);

  await mount("remount,size=1g");
  front.asked.length = 0;
  await push(first, place);
  expect(uploaded(front).filter((digest) => arrived.includes(digest))).toEqual([]);
  expect(await digestAt(`${own}/push/full:v1`)).toBe(await digestOf(first));
});

test("uses skopeo's credentials and helpers; without credentials, the message has a remedy", async () => {
  // user:secret
  const host = await registry({ htpasswd: "user:$2y$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a\n" });
  const place = `${host}/push/private`;
  const refused = await failure(push(first, place));
  expect([refused.code, refused.stderr]).toEqual([
    3,
    expect.stringContaining(`requires a login, or another one: \`skopeo login ${host}\``),
  ]);

  const home = folder();
  const login = JSON.stringify({ ServerURL: host, Username: "user", Secret: "secret" });
  const helper = files(
    {
      "bin/docker-credential-test": '#!/bin/sh\nexec cat "${XDG_DATA_HOME:-$HOME/.local/share}/test/login"\n',
      ".docker/config.json": JSON.stringify({ credHelpers: { [host]: "test" } }),
      ".local/share/test/login": login,
    },
    home,
  );
  chmodSync(helper, 0o755);
  const env = { HOME: home, XDG_DATA_HOME: "", PATH: `${join(home, "bin")}:${process.env["PATH"]}` };
  const { stdout } = await tool(process.execPath, [IMGC, "push", first.path, place, "--insecure"], env);
  expect(stdout).toBe(`${place}@${await digestOf(first)}\n`);
});

test("if one registry refuses, the others still get the image", async () => {
  const places = [`${address}/push/some`, "127.0.0.1:1/push/none", `nowhere.invalid/push/none`];
  const { code, stdout, stderr } = await failure(push(first, ...places));
  expect([code, stdout]).toEqual([3, `${places[0]}@${await digestOf(first)}\n`]);
  expect(stderr).toMatch(/^imgc: 127.0.0.1:1\/push\/none:v1: nothing listens at/m);
  expect(stderr).toMatch(/^imgc: nowhere.invalid\/push\/none:v1: /m);
});

test("connection problems are explained", async () => {
  const secure = await failure(imgc("push", first.path, `${address}/push/http`));
  expect([secure.code, secure.stderr]).toEqual([
    3,
    expect.stringContaining("speaks plain HTTP; allow that with --insecure"),
  ]);
  const unknown = await failure(imgc("push", first.path, "nowhere.invalid/a", "--dry-run"));
  expect([unknown.code, unknown.stderr]).toEqual([3, expect.stringContaining("nowhere.invalid")]);
});

test("two concurrent pushes succeed", async () => {
  const place = `${address}/push/both`;
  await Promise.all([push(first, place), push(first, place), push(second, `${place}:other`)]);
  expect(await digestAt(`${place}:v1`)).toBe(await digestOf(first));
  expect(await digestAt(`${place}:other`)).toBe(await digestOf(second));
});

test("a store path changed after the build is named, and nothing is tagged", async () => {
  const { path } = await buildText(text("hurt"));
  const image = readImageDirectory(path);
  const app = image.file.closure.find((each) => each.path.endsWith("-push-app"))?.path as string;
  const { mode } = lstatSync(app);
  const bytes = readFileSync(app);
  chmodSync(app, 0o644);
  writeFileSync(app, Buffer.from(bytes.toString().replace("hurt", "HURT")));
  try {
    const { code, stderr } = await failure(push(image, `${address}/push/hurt`));
    expect(code).toBe(1);
    expect(stderr).toContain(`${app} was changed after the build`);
    await failure(digestAt(`${address}/push/hurt:v1`));
  } finally {
    writeFileSync(app, bytes);
    chmodSync(app, mode);
  }
});

test("invalid references and images are errors before anything is sent", async () => {
  expect((await failure(imgc("push", first.path, "Not/Valid"))).code).toBe(2);
  expect((await failure(imgc("push", "/nowhere", `${address}/a`))).code).toBe(2);
  expect((await failure(imgc("push", first.path, "oci:./x"))).stderr).toContain("imgc export");
});

test("a fresh machine with a binary cache pushes without fetching layers that the registry has", async () => {
  const cache = `file://${folder()}`;
  const spec = files({ "fresh.imgspec": text("fresh") });
  const expression = files({ "image.nix": (await imgc("compile", spec)).stdout });
  await tool("nix", ["build", "--no-link", "-f", expression, "image", "digests", "evaluated"]);
  await tool("nix", ["copy", "--to", cache, "-f", expression, "image", "digests", "evaluated"]);
  await push(first, `${address}/push/fresh`);

  const machine = freshMachine(`substitute = true\nsubstituters = ${cache}\nrequire-sigs = false`);
  const { stdout, stderr } = await machine.imgc("push", spec, `${address}/push/fresh:v2`, "--insecure");
  expect(stdout).toMatch(/@sha256:[0-9a-f]{64}\n$/);
  expect(stderr).toContain("1 layer sent");
  const { stdout: paths } = await tool("find", [
    join(machine.nix, "store"),
    "-mindepth",
    "1",
    "-maxdepth",
    "1",
    "-not",
    "-name",
    "*.drv",
  ]);
  expect(paths).toContain("-push-app");
  // The app refers to openssl, so a consistent store has it as well, but no build inputs of the image.
  expect(paths).not.toContain("-nodejs-");
  expect(paths).not.toMatch(/-layer\.json$/m);
});
