/** Each command ends soon after a signal, even while it waits for input or a tool, or reads a huge file. */
import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
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
/** An image with a huge file outside of the store. */
let withFile = "";

beforeAll(async () => {
  image = await makeImage(at, "image", { layers: { app: "data" }, algorithm: "none" });
  // Grow the store path: reading its layer takes half a minute.
  const recipe = join(image, "layers/000.json");
  const path = join(at, `nix/store/${"app".padEnd(32, "0")}-app`);
  mkdirSync(path, { recursive: true });
  truncateSync(join(path, "data"), SIZE);
  execFileSync("sed", ["-i", `s/"diffSize":[0-9]*/"diffSize":${SIZE + 10_240}/`, recipe]);
  const source = `/nix/store/${"copied".padEnd(32, "0")}-copied`;
  const entry = { kind: "copy" as const, path: "/huge", source, mode: null, uid: 0, gid: 0 };
  withFile = await makeImage(at, "file", {
    layers: { small: "data" },
    algorithm: "none",
    alter: (layer) => ({ ...layer, content: { ...layer.content, entries: [entry] } }),
  });
  writeFileSync(join(at, source), "");
  truncateSync(join(at, source), SIZE);
  const specs = {
    spec: 'image "a" {\n  tag "v1"\n  packages [ hello ]\n}\n',
    base: 'image "a" {\n  base registry "example.org/a:1"\n}\n',
    pinned: 'nixpkgs "github:NixOS/nixpkgs/nixos-26.05"\nimage "a" { }\n',
  };
  for (const [name, text] of Object.entries(specs)) writeFileSync(join(at, `${name}.imgspec`), text);
  writeFileSync(join(at, "old.nix"), "{ }: 1\n");
});

/** Waits until a command is in the middle of its work. */
type Ready = (child: ChildProcess) => Promise<unknown>;

interface Ended {
  /** The exit code as in a shell. */
  code: number;
  milliseconds: number;
  stderr: string;
  /** The names of the temporary files that are left. */
  left: string[];
}

/** Sends a signal to a command once it is ready. */
async function interrupted(
  args: string[],
  signal: NodeJS.Signals,
  ready: Ready,
  variables: Record<string, string> = {},
): Promise<Ended> {
  const temporary = folder();
  const env = { ...process.env, TMPDIR: temporary, NODE_COMPILE_CACHE, ...variables };
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
  const milliseconds = performance.now() - started;
  return { code: code ?? CODES[by as keyof typeof CODES], milliseconds, stderr, left: readdirSync(temporary) };
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
  const output = folder();
  const to = (form: string) => ["--to", form, "-o", join(output, form)];
  const commands = [
    ["verify", image],
    ["verify", "--deep", image],
    ["diff", image, other()],
    ["export", image, ...to("oci")],
    ["export", image, ...to("oci-archive")],
    ["export", image, ...to("docker-archive")],
    ["export", image, ...to("tar")],
    ["sbom", withFile],
    ["sbom", withFile, "-o", join(output, "sbom.json")],
  ];
  await all(commands, async (args) => {
    const { code, milliseconds, stderr, left } = await interrupted(args, "SIGINT", readsMuch);
    expect([args, code, left]).toEqual([args, 130, []]);
    expect(stderr).toMatch(/^imgc: interrupted.*\n$/);
    expect(milliseconds).toBeLessThan(SOON + BUSY);
  });
  expect(readdirSync(output)).toEqual([]);
});

/** A folder with tools that never end. Each appends its process ID to the file TOOLS. */
function endlessTools(): string {
  const path = folder();
  const script = '#!/bin/sh\n[ "$1" = --version ] && exec echo 5.0.0\necho $$ >> "$TOOLS"\nexec sleep 1000\n';
  for (const name of ["nix", "nix-build", "nix-instantiate", "nix-store", "skopeo"]) {
    writeFileSync(join(path, name), script);
    chmodSync(join(path, name), 0o755);
  }
  return path;
}

/** The command line of a process; "" if it has ended. */
function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    return "";
  }
}

// While podman or docker pulls, a load does not end them: test/e2e/signals.test.ts tests that the pull fails.
test("commands end while a tool works, and end the tool", async () => {
  const path = `${endlessTools()}:${process.env["PATH"]}`;
  const output = folder();
  const commands = [
    ["check", "--packages", "spec.imgspec"],
    ["build", "spec.imgspec", "--no-link"],
    ["lock", "spec.imgspec"],
    ["lock", "base.imgspec"],
    ["lock", "pinned.imgspec"],
    ["plan", "spec.imgspec"],
    ["plan", "spec.imgspec", "--html", join(output, "plan.html")],
    ["push", "spec.imgspec", "127.0.0.1:2/a"],
    ["push", withFile, "127.0.0.1:2/a:v1"],
    ["push", "--dry-run", withFile, "127.0.0.1:2/a:v1"],
    ["load", "spec.imgspec", "--into", "podman"],
    ["run", "spec.imgspec", "--into", "podman"],
    ["export", "spec.imgspec", "--to", "oci", "-o", join(output, "oci")],
    ["diff", "spec.imgspec", image],
    ["diff", "example.org/a:1", image],
    ["sbom", "spec.imgspec", "-o", join(output, "sbom.json")],
    ["import", "old.nix"],
    ["import", "old.nix", "-o", "new.imgspec"],
    ["verify", "example.org/a:1"],
    ["rebase", "example.org/a:1", "--onto", "example.org/b:1"],
  ];
  const cases = commands.map((args, i) => ({ args, signal: i % 2 === 0 ? ("SIGINT" as const) : ("SIGTERM" as const) }));
  const before = readdirSync(at);
  await all(cases, async ({ args, signal }) => {
    const TOOLS = join(folder(), "tools");
    const started = async () => {
      while (!existsSync(TOOLS) || !readFileSync(TOOLS, "utf8").endsWith("\n")) await sleep(20);
    };
    const { code, milliseconds, stderr, left } = await interrupted(args, signal, started, { PATH: path, TOOLS });
    expect([args, code, left]).toEqual([args, CODES[signal], []]);
    expect(stderr).toMatch(/^imgc: interrupted.*$/m);
    expect(milliseconds).toBeLessThan(SOON + BUSY);
    const pids = readFileSync(TOOLS, "utf8").trim().split("\n");
    const living = () => pids.filter((pid) => commandLine(pid).includes("sleep"));
    await expect.poll(living, { message: args.join(" "), timeout: 5000 }).toEqual([]);
  });
  expect([readdirSync(at), readdirSync(output)]).toEqual([before, []]);
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
