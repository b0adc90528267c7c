/** Bases of a registry and package sets, pinned by `imgc lock`. */
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { dirname, join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { parseLock } from "../../src/lock/lock-file.ts";
import { DISTRIBUTION, ociLayout, type Made } from "./base-images.ts";
import { build, cleanUp, EXAMPLES, failure, files, folder, IMGC, imgc, registry, tool, verified } from "./tools.ts";

/** New images for each run, since fetched blobs stay in the store. */
const shared: Made["layers"][number] = { ...DISTRIBUTION.layers[0], "etc/machine-id": `${randomUUID()}\n` };
const fresh = (platform = { os: "linux", architecture: "amd64" }): Made => ({
  ...DISTRIBUTION,
  platform,
  layers: [shared, { "srv/id": `${randomUUID()}\n` }],
});
const ARM = { os: "linux", architecture: "arm64" };

async function upload(layout: string, reference: string, ...options: string[]): Promise<void> {
  const copy = ["copy", "-q", "--all", "--insecure-policy", "--dest-tls-verify=false", ...options];
  await tool("skopeo", [...copy, `oci:${layout}`, `docker://${reference}`]);
}

const lockOf = (spec: string) => parseLock(readFileSync(join(dirname(spec), "imgc.lock"), "utf8"));
const specFor = (reference: string, more = "packages [ hello ]") =>
  files({ "api.imgspec": `image "api" {\n  base registry "${reference}"\n  ${more}\n}\n` });

/** `imgc lock` of a spec that fails to build: references are pinned anyway. */
async function pinOnly(spec: string, run = imgc): Promise<void> {
  const text = readFileSync(spec, "utf8");
  writeFileSync(spec, text.replace("hello", "missing"));
  const { code, stderr } = await failure(run("lock", spec));
  expect(code).toBe(1);
  expect(stderr).toContain("imgc.lock: references are pinned, but layers are unchanged because the build failed");
  writeFileSync(spec, text);
}

describe("a base from a registry", () => {
  let host: string;
  let spec: string;

  beforeAll(async () => {
    host = await registry();
    await upload(ociLayout(folder(), fresh(), fresh(ARM)), `${host}/base:1`);
    await upload(ociLayout(folder(), fresh()), `${host}/other:1`);
    spec = specFor(`${host}/base:1`);
  });

  test("without a pin is refused, and the message names `imgc lock`", async () => {
    const { stderr, code } = await failure(imgc("compile", spec));
    expect(code).toBe(1);
    expect(stderr).toContain("api.imgspec:2:3");
    expect(stderr).toContain(`is not pinned in imgc.lock; run \`imgc lock ${spec}\``);
  });

  test("is pinned for each platform, and its image verifies", async () => {
    const { stdout } = await imgc("lock", spec);
    const pinned = lockOf(spec).bases[`${host}/base:1`];
    expect(Object.keys(pinned?.platforms ?? {})).toEqual(["linux/amd64", "linux/arm64"]);
    expect(stdout).toBe(`${host}/base:1  ${pinned?.digest}  linux/amd64 linux/arm64\napi  2 packages in 2 layers\n`);
    const { path } = await build(spec);
    expect((await verified(path)).layers).toBeGreaterThan(3);
    const manifest = JSON.parse(readFileSync(join(path, "manifest.json"), "utf8")) as { layers: { digest: string }[] };
    expect(manifest.layers.slice(0, 2).map(({ digest }) => digest)).toEqual(pinned?.platforms["linux/amd64"]?.layers);
  });

  test("a layer that two bases share is fetched once", async () => {
    const second = specFor(`${host}/other:1`);
    await pinOnly(second);
    const { built } = await build(second);
    // Manifest, config and one layer: the other layer is in the store.
    expect(built.filter((name) => name === "imgc-blob")).toHaveLength(3);
  });

  test("is the base of the example on a distribution", async () => {
    const text = readFileSync(join(EXAMPLES, "on-debian.imgspec"), "utf8");
    const data = "www-data:x:33:33::/var/www:/usr/sbin/nologin\n";
    const layer = { ...shared, "etc/passwd": data, "etc/group": "www-data:x:33:\n", "bin/sh": "#!/bin/sh\n" };
    await upload(ociLayout(folder(), { ...fresh(), layers: [layer] }), `${host}/library/debian:12-slim`);
    const example = files({ "on-debian.imgspec": text.replace("docker.io", host) });
    await imgc("lock", example);
    const { path } = await build(example);
    expect((await verified(path)).layers).toBeGreaterThan(2);
  });

  test("stays the same until --update", async () => {
    const moving = specFor(`${host}/moving:1`);
    await upload(ociLayout(folder(), fresh()), `${host}/moving:1`);
    await imgc("lock", moving);
    const before = lockOf(moving);
    await upload(ociLayout(folder(), fresh()), `${host}/moving:1`);
    expect((await imgc("lock", moving)).stderr).toContain("use --update to look them up again");
    expect(lockOf(moving)).toEqual(before);
    await imgc("lock", "--update", moving);
    expect(lockOf(moving)).not.toEqual(before);
  });

  test("a lock that does not fit is never ignored", async () => {
    const edited = specFor(`${host}/base:1`);
    await imgc("lock", edited);
    const path = join(dirname(edited), "imgc.lock");
    const text = readFileSync(path, "utf8");
    writeFileSync(path, text.replace('"version": 1', '"version": 1,,'));
    const { code, stderr } = await failure(imgc("compile", edited));
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining(`${path}:2:16: this is not JSON; `) });

    const layers = /"layers":\["(sha256:\w+)"/.exec(text)?.[1] as string;
    writeFileSync(path, text.replaceAll(layers, `sha256:${"0".repeat(64)}`));
    expect((await failure(imgc("build", edited, "--no-link"))).stderr).toMatch(
      /lacks sha256:0{64}; `imgc lock --update`/,
    );

    const [first = "", second = ""] = lockOf(spec).bases[`${host}/base:1`]?.platforms["linux/amd64"]?.layers ?? [];
    writeFileSync(path, text.replace(first, second));
    expect((await failure(imgc("build", edited, "--no-link"))).stderr).toContain("imgc.lock has other layers than");
  });

  test("a reference that cannot be pinned is reported at its place, and the lock is unchanged", async () => {
    const lacking = specFor(`${host}/other:1`, "platforms [ linux/arm64 ]");
    const refused = await failure(imgc("lock", lacking));
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/api\.imgspec:2:3.*has no image for linux\/arm64, only for linux\/amd64/);
    const missing = specFor(`${host}/missing:1`);
    expect((await failure(imgc("lock", missing))).stderr).toMatch(/api\.imgspec:2:3.*missing:1: .*has no such image/);
    const nobody = specFor("127.0.0.1:1/base:1");
    const said = await failure(imgc("lock", nobody));
    expect(said).toMatchObject({ code: 3, stderr: /127\.0\.0\.1:1\/base:1: nothing listens at 127\.0\.0\.1:1/ });
    expect(existsSync(join(dirname(nobody), "imgc.lock"))).toBe(false);
  });

  test("a killed lock leaves the lock unchanged", async () => {
    const killed = specFor(`${host}/base:1`);
    await imgc("lock", killed);
    const before = readFileSync(join(dirname(killed), "imgc.lock"), "utf8");
    // A registry that never answers keeps the command in the middle of its work.
    const silent = createServer(() => {}).listen(0, "127.0.0.1");
    cleanUp(() => silent.closeAllConnections());
    cleanUp(() => silent.close());
    await once(silent, "listening");
    const { port } = silent.address() as { port: number };
    writeFileSync(killed, `${readFileSync(killed, "utf8")}image "b" { base registry "127.0.0.1:${port}/x:1" }\n`);
    const child = spawn(process.execPath, [IMGC, "lock", "--update", killed], { stdio: ["ignore", "pipe", "ignore"] });
    await once(child.stdout, "data");
    await once(silent, "request");
    child.kill("SIGKILL");
    await once(child, "exit");
    expect(readFileSync(join(dirname(killed), "imgc.lock"), "utf8")).toBe(before);
  });
});

test("lock and build use skopeo's credentials", async () => {
  // The bcrypt hash of "secret".
  const host = await registry({ htpasswd: "user:$2y$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a\n" });
  const login = { REGISTRY_AUTH_FILE: join(folder(), "auth.json") };
  await upload(ociLayout(folder(), fresh()), `${host}/private:1`, "--dest-creds", "user:secret");
  const spec = specFor(`${host}/private:1`);
  const run = (...args: string[]) => tool(process.execPath, [IMGC, ...args], login);
  expect((await failure(run("lock", spec))).stderr).toMatch(
    /private:1: \S+ requires a login, or another one \(`skopeo login/,
  );
  await tool("skopeo", ["login", "--tls-verify=false", "-u", "user", "-p", "secret", host], login);
  await pinOnly(spec, run);
  expect((await failure(build(spec))).stderr).toContain("a Nix build has no credentials");
  await run("lock", spec);
  expect(Object.keys(lockOf(spec).layers)).toEqual(["api"]);
});

describe("a package set from a flake reference", () => {
  const set = join(import.meta.dirname, "../nixpkgs");

  test.each(["path", "git", "tarball"])("%s", async (kind) => {
    const at = folder();
    mkdirSync(join(at, "set"));
    await tool("cp", ["-r", `${set}/.`, join(at, "set")]);
    const git = (...args: string[]) =>
      tool("git", ["-C", join(at, "set"), "-c", "user.name=t", "-c", "user.email=t@example.org", ...args]);
    if (kind === "git") {
      await git("init", "-q");
      await git("add", "-Af");
      await git("commit", "-qm", "set");
    }
    if (kind === "tarball") await tool("tar", ["-C", at, "-czf", join(at, "set.tar.gz"), "set"]);
    const reference = { path: "path:./set", git: `git+file://${at}/set`, tarball: `file://${at}/set.tar.gz` }[kind];
    const spec = files({ "a.imgspec": `nixpkgs "${reference}"\nimage "a" { packages [ hello ] }\n` }, at);
    expect((await failure(imgc("compile", spec))).stderr).toContain("is not pinned");
    await imgc("lock", spec);
    const { stdout } = await imgc("compile", spec);
    expect(stdout).toContain(
      { path: "builtins.path", git: "builtins.fetchGit", tarball: "builtins.fetchTarball" }[kind],
    );
    await build(spec);
  });
});
