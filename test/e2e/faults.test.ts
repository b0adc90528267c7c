/** Pushes, exports and loads that end early: killed, a full disk, a registry that dies. */
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import { readImageDirectory, type ImageDirectory } from "../../src/image/image-directory.ts";
import { makeImage } from "../serve/image.ts";
import { proxy, uploaded } from "./proxy.ts";
import { cleanUp, failure, folder, IMGC, imgc, living, startRegistry, tool, verified } from "./tools.ts";
import { sha256 } from "../../src/oci/digest.ts";
import { onImages } from "../../src/publish/engine-images.ts";

const LAYERS = 8;
const BYTES = 2 << 20;

let image: ImageDirectory;

beforeAll(async () => {
  const name = `test/faults-${process.pid}`;
  const layers = Array.from({ length: LAYERS }, (_, i) => [`layer${i}`, randomBytes(BYTES)] as const);
  image = readImageDirectory(await makeImage(folder(), "faults", { name, layers: Object.fromEntries(layers) }));
});

/** Sends a signal to a command after `part` of its usual time, or lets it end. */
async function killed(args: string[], part: number, signal: NodeJS.Signals, took: number, temporary: string) {
  const env = { ...process.env, TMPDIR: temporary, NODE_DISABLE_COMPILE_CACHE: "1" };
  const child = spawn(process.execPath, [IMGC, ...args], { stdio: "ignore", env });
  const ended = once(child, "close");
  await Promise.race([sleep(took * part), ended]);
  child.kill(signal);
  const [code] = (await ended) as [number | null];
  // Whatever it started stops without being told.
  while (living(temporary).length > 0) await sleep(20);
  return code;
}

async function duration(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

const SIGNALS = fc.constantFrom("SIGINT" as const, "SIGKILL" as const);
const PART = fc.double({ min: 0, max: 1, noNaN: true });

test("a killed push leaves no files, and the next push sends no blob twice", async () => {
  const path = folder();
  const { address } = await startRegistry({ path });
  const front = await proxy(address);
  const place = `${front.address}/faults/killed`;
  const args = ["push", image.path, place, "--insecure"];
  const took = await duration(() => imgc(...args));
  await fc.assert(
    fc.asyncProperty(PART, SIGNALS, async (part, signal) => {
      rmSync(join(path, "data"), { recursive: true, force: true });
      front.asked.length = 0;
      const temporary = folder();
      const code = await killed(args, part, signal, took, temporary);
      if (signal === "SIGINT") expect([0, 130, null]).toContain(code);
      expect(readdirSync(temporary)).toEqual([]);
      expect((await imgc(...args)).stdout).toBe(`${place}@${digest()}\n`);
      await expectWhole(address, "faults/killed");
      const sent = uploaded(front);
      expect(new Set(sent).size).toBe(sent.length);
    }),
    { numRuns: 8 },
  );
});

test("a killed export leaves a complete file or none, and the next export cleans up", async () => {
  const whole = join(folder(), "whole.tar");
  const took = await duration(() => imgc("export", image.path, "--to", "oci-archive", "-o", whole));
  const bytes = readFileSync(whole);
  await fc.assert(
    fc.asyncProperty(PART, SIGNALS, async (part, signal) => {
      const [into, temporary] = [folder(), folder()];
      const output = join(into, "image.tar");
      const args = ["export", image.path, "--to", "oci-archive", "-o", output];
      const code = await killed(args, part, signal, took, temporary);
      if (signal === "SIGINT") expect([0, 130, null]).toContain(code);
      if (existsSync(output)) expect(readFileSync(output).equals(bytes)).toBe(true);
      if (signal === "SIGINT") expect(readdirSync(into).filter((name) => name !== "image.tar")).toEqual([]);
      await imgc(...args);
      expect(readdirSync(into)).toEqual(["image.tar"]);
      expect(readFileSync(output).equals(bytes)).toBe(true);
      expect(readdirSync(temporary)).toEqual([]);
    }),
    { numRuns: 8 },
  );
});

test("an export to a full disk fails, leaves no files, and works with more room", async () => {
  const into = folder();
  const mount = (option: string) => tool("mount", ["-t", "tmpfs", "-o", option, "none", into]);
  await mount(`size=${(LAYERS / 2) * BYTES}`);
  cleanUp(() => tool("umount", [into]));
  for (const [form, name] of [
    ["oci-archive", "image.tar"],
    ["oci", "layout"],
  ] as const) {
    const args = ["export", image.path, "--to", form, "-o", join(into, name)];
    const { code, stderr } = await failure(imgc(...args));
    expect([code, stderr]).toEqual([
      3,
      expect.stringMatching(/^imgc: cannot write .*: ENOSPC: no space left on device/m),
    ]);
    expect(readdirSync(into)).toEqual([]);
  }
  await mount(`remount,size=${4 * LAYERS * BYTES}`);
  const output = join(into, "image.tar");
  await imgc("export", image.path, "--to", "oci-archive", "-o", output);
  expect((await verified(output)).digests).toEqual([digest()]);
});

test("a registry that dies during a push is an error; when it is back, the push resumes", async () => {
  const path = folder();
  const first = await startRegistry({ path });
  const front = await proxy(first.address);
  const place = `${front.address}/faults/died`;
  let isDead = false;
  front.pass = (method) => {
    isDead ||= method === "PUT" && uploaded(front).length >= 2;
    if (isDead) first.process.kill("SIGKILL");
    return !isDead;
  };
  const temporary = folder();
  const died = await failure(
    tool(process.execPath, [IMGC, "push", image.path, place, "--insecure"], {
      TMPDIR: temporary,
      NODE_DISABLE_COMPILE_CACHE: "1",
    }),
  );
  expect([died.code, died.stdout]).toEqual([3, ""]);
  expect(died.stderr).toMatch(
    /^imgc: .*\/faults\/died:v1: the connection to .* broke; the next push sends only what is missing/m,
  );
  expect([readdirSync(temporary), living(temporary)]).toEqual([[], []]);

  await startRegistry({ path, port: Number(first.address.split(":")[1]) });
  front.pass = () => true;
  expect(uploaded(front).length).toBeGreaterThanOrEqual(2);
  expect((await imgc("push", image.path, place, "--insecure")).stdout).toBe(`${place}@${digest()}\n`);
  await expectWhole(first.address, "faults/died");
  const sent = uploaded(front);
  expect(new Set(sent).size).toBe(sent.length);
});

test("after a killed load, the next load succeeds", async () => {
  const name = `${image.file.name}:${image.file.tag}`;
  const forget = async () => await onImages("podman", ["rmi", "--force", name]);
  cleanUp(forget);
  const args = ["load", image.path, "--into", "podman"];
  const took = await duration(() => imgc(...args));
  await fc.assert(
    fc.asyncProperty(PART, SIGNALS, async (part, signal) => {
      await forget();
      const temporary = folder();
      const code = await killed(args, part, signal, took, temporary);
      if (signal === "SIGINT") expect([0, 130, null]).toContain(code);
      expect(readdirSync(temporary)).toEqual([]);
      expect((await imgc(...args)).stdout).toBe(`${name}\n`);
      const { stdout } = await tool("podman", ["image", "inspect", "--format", "{{.Id}} {{.RepoTags}}", name]);
      expect(`sha256:${stdout}`).toBe(`${image.manifest.config.digest} [localhost/${name}]\n`);
    }),
    { numRuns: 5 },
  );
});

test("a killed server serves the same bytes after a restart", async () => {
  const largest = image.layers[0] as { digest: string };
  const temporary = folder();
  let listen = "127.0.0.1:0";
  for (const signal of ["SIGKILL", "SIGINT", "SIGTERM"] as const) {
    const server = await serving(listen, temporary);
    listen = server.address;
    const url = `http://${listen}/v2/${image.file.name}/blobs/${largest.digest}`;
    const ended = once(server.process, "close");
    const answers = await Promise.all(Array.from({ length: 6 }, () => fetch(url)));
    server.process.kill(signal);
    const bodies = await Promise.allSettled(answers.map((answer) => answer.arrayBuffer()));
    // Complete or cut off: a partial blob never looks complete.
    for (const body of bodies)
      if (body.status === "fulfilled") expect(sha256(Buffer.from(body.value))).toBe(largest.digest);
    await ended;
    expect([living(temporary), readdirSync(temporary)]).toEqual([[], []]);
  }
  const server = await serving(listen, temporary);
  const url = `http://${listen}/v2/${image.file.name}/blobs/${largest.digest}`;
  expect(sha256(Buffer.from(await (await fetch(url)).arrayBuffer()))).toBe(largest.digest);
  server.process.kill();
});

async function serving(listen: string, temporary: string) {
  const env = { ...process.env, TMPDIR: temporary, NODE_DISABLE_COMPILE_CACHE: "1" };
  const child = spawn(process.execPath, [IMGC, "serve", image.path, "--listen", listen], {
    stdio: ["ignore", "pipe", "ignore"],
    env,
  });
  cleanUp(() => void child.kill("SIGKILL"));
  const [first] = (await once(child.stdout, "data")) as [Buffer];
  return { process: child, address: /^http:\/\/(\S+)/.exec(first.toString())?.[1] ?? "" };
}

/** Checks that the registry has each blob of the image. */
async function expectWhole(address: string, repository: string): Promise<void> {
  const url = `http://${address}/v2/${repository}`;
  const { config, layers } = image.manifest;
  for (const { digest: each, size } of [config, ...layers]) {
    const body = Buffer.from(await (await fetch(`${url}/blobs/${each}`)).arrayBuffer());
    expect([body.length, sha256(body)]).toEqual([size, each]);
  }
  const manifest = await fetch(`${url}/manifests/${image.file.tag}`, {
    headers: { Accept: image.manifest.mediaType ?? "" },
  });
  expect(sha256(Buffer.from(await manifest.arrayBuffer()))).toBe(digest());
}

function digest(): string {
  return sha256(image.manifestBytes);
}
