/** Every command ends soon after a signal, whatever it is doing: reading what never comes, or more than it will ever read. */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { beforeAll, expect, test } from "vitest";
import { encode } from "../../../src/oci/documents.ts";
import { folder, IMGC } from "../../e2e/tools.ts";
import { makeImage } from "../../serve/image.ts";
import { sha256 } from "../../../src/oci/digest.ts";

/** Milliseconds: the promise, and what a busy machine may add. */
const SOON = 1000;
const BUSY = 2000;
const SIZE = 20 * 2 ** 30;

const at = folder();
const pipe = join(at, "pipe.imgspec");
let image = "";

beforeAll(async () => {
  execFileSync("mkfifo", [pipe]);
  image = await makeImage(at, "image", { layers: { app: "data" }, algorithm: "none" });
  // The store path has grown since: its layer takes half a minute to read.
  const recipe = join(image, "layers/000.json");
  const path = join(at, `nix/store/${"app".padEnd(32, "0")}-app`);
  mkdirSync(path, { recursive: true });
  truncateSync(join(path, "data"), SIZE);
  execFileSync("sed", ["-i", `s/"diffSize":[0-9]*/"diffSize":${SIZE + 10_240}/`, recipe]);
  writeFileSync(join(at, "spec.imgspec"), 'image "a" {\n  tag "v1"\n}\n');
});

/** How a command ended that was given a signal after some time, as a shell would see it, and how long that took. */
async function interrupted(
  args: string[],
  signal: NodeJS.Signals,
  after = 900,
): Promise<{ code: number; took: number }> {
  const env = { ...process.env, TMPDIR: folder() };
  const child = spawn(process.execPath, [IMGC, ...args], { stdio: ["pipe", "ignore", "ignore"], env, cwd: at });
  const closed = once(child, "close") as Promise<[number | null, NodeJS.Signals | null]>;
  const early = await Promise.race([closed, sleep(after)]);
  expect(early, `${args.join(" ")} ended by itself`).toBeUndefined();
  const started = performance.now();
  child.kill(signal);
  const [code, by] = await Promise.race([closed, sleep(20_000).then(() => [-1, null] as const)]);
  if (code === -1) child.kill("SIGKILL");
  return { code: code ?? (by === "SIGINT" ? 130 : 143), took: performance.now() - started };
}

const reading: string[][] = [
  ["check", "-"],
  ["check", pipe],
  ["check", "--fix", pipe],
  ["fmt", "-"],
  ["fmt", pipe],
  ["compile", pipe],
  ["build", pipe],
  ["plan", pipe],
  ["lock", pipe],
  ["push", pipe, "127.0.0.1:1/a"],
  ["load", pipe],
  ["run", pipe],
  ["export", pipe, "--to", "oci", "-o", "out"],
  ["diff", pipe, pipe],
  ["sbom", pipe],
  ["lsp"],
];

test.each(reading)("%s %s reads what never comes, and ends", async (...args) => {
  for (const [signal, expected] of [
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const) {
    const { code, took } = await interrupted(args, signal);
    expect(code).toBe(expected);
    expect(took).toBeLessThan(SOON + BUSY);
  }
});

test("a server that is told to end has ended well", async () => {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    const { code, took } = await interrupted(["serve", image], signal, 1500);
    expect([signal, code]).toEqual([signal, 0]);
    expect(took).toBeLessThan(SOON + BUSY);
  }
});

test("commands that read for a long time end in the middle", async () => {
  for (const args of [
    ["verify", image],
    ["verify", "--deep", image],
    ["diff", image, other()],
    ["export", image, "--to", "oci-archive", "-o", join(folder(), "out")],
  ]) {
    const { code, took } = await interrupted(args, "SIGINT", 1500);
    expect([args[0], code]).toEqual([args[0], 130]);
    expect(took).toBeLessThan(SOON + BUSY);
  }
});

/** A layout without layers, which has nothing in common with the image. */
function other(): string {
  const path = join(at, "layout");
  const blob = (mediaType: string, bytes: Buffer) => {
    const digest = sha256(bytes);
    mkdirSync(join(path, "blobs/sha256"), { recursive: true });
    writeFileSync(join(path, "blobs", digest.replace(":", "/")), bytes);
    return { mediaType, digest, size: bytes.length };
  };
  const config = encode({ os: "linux", architecture: "amd64", rootfs: { type: "layers", diff_ids: [] } });
  const manifest = encode({
    schemaVersion: 2,
    mediaType: "application/vnd.oci.image.manifest.v1+json",
    config: blob("application/vnd.oci.image.config.v1+json", config),
    layers: [],
  });
  const manifests = [blob("application/vnd.oci.image.manifest.v1+json", manifest)];
  writeFileSync(join(path, "oci-layout"), '{"imageLayoutVersion":"1.0.0"}');
  writeFileSync(join(path, "index.json"), encode({ schemaVersion: 2, manifests }));
  return path;
}
