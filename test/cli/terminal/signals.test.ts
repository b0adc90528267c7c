/** Each command ends soon after a signal, even while it waits for input or reads a huge file. */
import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { beforeAll, expect, test } from "vitest";
import { encode } from "../../../src/oci/documents.ts";
import { cleanUp, folder, IMGC } from "../../e2e/tools.ts";
import { makeImage } from "../../serve/image.ts";
import { sha256 } from "../../../src/oci/digest.ts";

/** Milliseconds: the documented limit, and an allowance for busy machines. */
const SOON = 1000;
const BUSY = 2000;
const SIZE = 20 * 2 ** 30;
/** Node keeps its compiled code in TMPDIR, which is new for each command: use one folder instead. */
const NODE_COMPILE_CACHE = folder();

const at = folder();
let image = "";

beforeAll(async () => {
  image = await makeImage(at, "image", { layers: { app: "data" }, algorithm: "none" });
  // Grow the store path: reading its layer takes half a minute.
  const recipe = join(image, "layers/000.json");
  const path = join(at, `nix/store/${"app".padEnd(32, "0")}-app`);
  mkdirSync(path, { recursive: true });
  truncateSync(join(path, "data"), SIZE);
  execFileSync("sed", ["-i", `s/"diffSize":[0-9]*/"diffSize":${SIZE + 10_240}/`, recipe]);
  writeFileSync(join(at, "spec.imgspec"), 'image "a" {\n  tag "v1"\n}\n');
});

/** Waits until a command is in the middle of its work. */
type Ready = (child: ChildProcess) => Promise<unknown>;

interface Ended {
  /** The exit code as in a shell. */
  code: number;
  milliseconds: number;
  stderr: string;
}

/** Sends a signal to a command once it is ready. */
async function interrupted(args: string[], signal: NodeJS.Signals, ready: Ready): Promise<Ended> {
  const env = { ...process.env, TMPDIR: folder(), NODE_COMPILE_CACHE };
  const child = spawn(process.execPath, [IMGC, ...args], { stdio: ["pipe", "pipe", "pipe"], env, cwd: at });
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const closed = once(child, "close") as Promise<[number | null, NodeJS.Signals | null]>;
  const early = await Promise.race([closed, ready(child).then(() => undefined)]);
  expect(early, `${args.join(" ")} ended before the signal`).toBeUndefined();
  const started = performance.now();
  child.kill(signal);
  const [code, by] = await Promise.race([closed, sleep(20_000).then(() => [-1, null] as const)]);
  if (code === -1) child.kill("SIGKILL");
  return { code: code ?? CODES[by as keyof typeof CODES], milliseconds: performance.now() - started, stderr };
}

const CODES = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/** Runs several at once, so that the machine is busy while commands start and end. */
async function all<T>(items: readonly T[], use: (item: T) => Promise<void>): Promise<void> {
  const left = items.values();
  const worker = async () => {
    for (const item of left) await use(item);
  };
  await Promise.all(Array.from({ length: 4 }, worker));
}

/** More bytes than a pipe holds, so that writing them ends only if the command reads. */
const MUCH = Buffer.alloc(1 << 20, "Content-Length: 9999999999\r\n\r\n ");
const readsInput: Ready = async ({ stdin }) => {
  await new Promise<void>((taken) => stdin?.on("error", () => {}).write(MUCH, () => taken()));
};
/** Opening a FIFO for writing waits until the other end is open. */
const readsPipe =
  (pipe: string): Ready =>
  async () => {
    const writer = await open(pipe, "w");
    cleanUp(async () => await writer.close());
  };
const readsMuch: Ready = async ({ pid }) => {
  const taken = () => Number(/rchar: (\d+)/.exec(readFileSync(`/proc/${pid}/io`, "utf8"))?.[1]);
  while (taken() < 50 << 20) await sleep(20);
};
const speaks: Ready = async ({ stdout }) => await once(stdout as Readable, "data");

const reading: ((pipe: string) => string[])[] = [
  () => ["check", "-"],
  (pipe) => ["check", pipe],
  (pipe) => ["check", "--fix", pipe],
  () => ["fmt", "-"],
  (pipe) => ["fmt", pipe],
  (pipe) => ["compile", pipe],
  (pipe) => ["build", pipe],
  (pipe) => ["plan", pipe],
  (pipe) => ["lock", pipe],
  (pipe) => ["push", pipe, "127.0.0.1:1/a"],
  (pipe) => ["load", pipe],
  (pipe) => ["run", pipe],
  (pipe) => ["export", pipe, "--to", "oci", "-o", "out"],
  (pipe) => ["diff", pipe, pipe],
  (pipe) => ["sbom", pipe],
  () => ["lsp"],
];

test("commands end while they wait for input", async () => {
  // No command treats the two signals differently, so each command gets only one of them.
  const cases = reading.map((args, i) => ({ args, signal: i % 2 === 0 ? ("SIGINT" as const) : ("SIGTERM" as const) }));
  await all(cases, async ({ args, signal }) => {
    const pipe = join(folder(), "pipe.imgspec");
    execFileSync("mkfifo", [pipe]);
    const command = args(pipe);
    const ready = command.includes(pipe) ? readsPipe(pipe) : readsInput;
    const { code, milliseconds } = await interrupted(command, signal, ready);
    expect([command[0], code]).toEqual([command[0], CODES[signal]]);
    expect(milliseconds).toBeLessThan(SOON + BUSY);
  });
});

test("a server exits with 0 after a signal", async () => {
  await all(["SIGINT", "SIGTERM", "SIGHUP"] as const, async (signal) => {
    const { code, milliseconds } = await interrupted(["serve", image], signal, speaks);
    expect([signal, code]).toEqual([signal, 0]);
    expect(milliseconds).toBeLessThan(SOON + BUSY);
  });
});

test("commands end while they read a huge file", async () => {
  const commands = [
    ["verify", image],
    ["verify", "--deep", image],
    ["diff", image, other()],
    ["export", image, "--to", "oci-archive", "-o", join(folder(), "out")],
  ];
  await all(commands, async (args) => {
    const { code, milliseconds, stderr } = await interrupted(args, "SIGINT", readsMuch);
    expect([args[0], code]).toEqual([args[0], 130]);
    expect(stderr).toMatch(/^imgc: interrupted.*\n$/);
    expect(milliseconds).toBeLessThan(SOON + BUSY);
  });
});

/** A layout without layers. */
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
