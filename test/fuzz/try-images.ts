/** Runs commands on hostile images: each must exit with 0, or with 1 or 2 and a message, within bounded time and memory. */
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { availableParallelism, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { FORMS, oddImage, type Form } from "./odd-images.ts";
import { Random } from "./random.ts";
import { UNPRINTABLE } from "./unprintable.ts";
import { sha256 } from "../../src/oci/digest.ts";

/** The limits of a command, and the seconds after which it is killed. */
const SECONDS = 2;
/** On a busy machine only processor time is limited. Two threads that share a core take about twice as much of it each. */
const BUSY_CPU_SECONDS = 4;
const MEGABYTES = 500;
const KILL_AFTER = 30;
const IMGC = join(import.meta.dirname, "../../bin/imgc.mjs");
const MEASURE = join(import.meta.dirname, "measure.cjs");
/** A folder with a program `podman`. */
const ENGINE = join(import.meta.dirname, "engine");
const BUILDER = join(import.meta.dirname, "../../dist/builders/base.cjs");

export interface Trial {
  seed: number;
  command: string;
  /** The violated requirements. */
  problems: string[];
  code: number | null;
  seconds: number;
  /** Seconds of processor time. */
  cpu: number;
  megabytes: number;
}

interface Command {
  name: string;
  args: string[];
  env?: Record<string, string>;
  /** For a server: called once it listens; afterwards it gets SIGTERM. */
  use?: (address: string) => Promise<void>;
}

/** Makes an image from a seed, and tries `count` commands on it. */
export async function tryImage(seed: number, count: number, registry: string | undefined): Promise<Trial[]> {
  const random = new Random(seed);
  const folder = mkdtempSync(join(tmpdir(), "imgc-fuzz-"));
  try {
    const form = random.pick(FORMS);
    mkdirSync(join(folder, "image"));
    mkdirSync(join(folder, "temporary"));
    const image = await oddImage(random, form, join(folder, "image"));
    const other = await oddImage(random, random.pick(FORMS), ownFolder(folder, "other"));
    const all = commands(image, form, { other, folder, registry });
    const trials: Trial[] = [];
    for (let i = 0; i < count; i++) {
      const [command] = all.splice(random.below(all.length), 1);
      if (command !== undefined) trials.push(await run(command, seed, folder));
    }
    return trials;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function ownFolder(folder: string, name: string): string {
  mkdirSync(join(folder, name));
  return join(folder, name);
}

interface Surroundings {
  other: string;
  folder: string;
  registry: string | undefined;
}

function commands(image: string, form: Form, { other, folder, registry }: Surroundings): Command[] {
  const imgc = (...args: string[]): Command => ({ name: args.join(" "), args: [IMGC, ...args] });
  const out = (name: string) => join(folder, name);
  const attributes = {
    outputs: { out: out("base") },
    shown: "the base",
    platform: { os: "linux", architecture: "amd64" },
    source: image,
  };
  writeFileSync(out("attributes.json"), JSON.stringify(attributes));
  const base: Command = {
    name: `builder base ${image}`,
    args: [BUILDER, "base"],
    env: { NIX_BUILD_TOP: folder, NIX_STORE: "/nix/store", NIX_ATTRS_JSON_FILE: out("attributes.json") },
  };
  const loading = (command: Command) => ({ ...command, env: { PATH: `${ENGINE}:${process.env["PATH"]}` } });
  const reading = [
    imgc("verify", image),
    imgc("verify", "--deep", image),
    imgc("verify", "--json", image),
    imgc("diff", image, other),
    imgc("diff", "--json", other, image),
    imgc("diff", image, image),
    imgc("plan", image),
  ];
  // The other commands refuse the other forms.
  if (!["directory", "digests", "index"].includes(form)) return [...reading, base];
  return [
    ...reading,
    imgc("plan", image, "--html", out("plan.html"), "--before", other),
    imgc("sbom", image),
    imgc("sbom", "--format", "cyclonedx", image, "-o", out("sbom.json")),
    imgc("export", image, "--to", "oci", "-o", out("layout")),
    imgc("export", image, "--to", "docker-archive", "-o", out("docker.tar")),
    { ...imgc("serve", image), use: readAll },
    loading(imgc("load", image)),
    loading(imgc("run", image)),
    ...(registry === undefined ? [] : [imgc("push", image, `${registry}/fuzz`, "--insecure")]),
  ];
}

async function run({ name, args, env = {}, use }: Command, seed: number, folder: string): Promise<Trial> {
  const cost = join(folder, "cost.json");
  rmSync(cost, { force: true });
  const started = performance.now();
  const child = spawn(process.execPath, ["--require", MEASURE, ...args], {
    cwd: folder,
    env: { ...process.env, ...env, IMGC_COST: cost, TMPDIR: join(folder, "temporary") },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let [stdout, stderr] = ["", ""];
  let used: Promise<void> | undefined;
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
    const [, address] = /^http:\/\/(\S+)\n/.exec(stdout) ?? [];
    if (use !== undefined && address !== undefined) used ??= use(address).finally(() => void child.kill("SIGTERM"));
  });
  let isEndless = false;
  const timer = setTimeout(() => {
    isEndless = true;
    child.kill("SIGKILL");
  }, KILL_AFTER * 1000);
  const [code, signal] = await new Promise<[number | null, string | null]>((done) => {
    child.once("close", (...end) => done(end));
  });
  clearTimeout(timer);
  await used?.catch(() => {});
  const seconds = (performance.now() - started) / 1000;
  const measured = costOf(cost);
  const trial = { seed, command: name, code, seconds, cpu: measured.seconds, megabytes: measured.kilobytes / 1024 };
  return { ...trial, problems: problemsOf({ ...trial, signal, isEndless, stdout, stderr }) };
}

function costOf(file: string): { kilobytes: number; seconds: number } {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as { kilobytes: number; seconds: number };
  } catch {
    return { kilobytes: 0, seconds: 0 };
  }
}

interface Ended {
  code: number | null;
  signal: string | null;
  isEndless: boolean;
  stdout: string;
  stderr: string;
  seconds: number;
  cpu: number;
  megabytes: number;
}

function problemsOf({ code, signal, isEndless, stdout, stderr, seconds, cpu, megabytes }: Ended): string[] {
  const output = stdout + stderr;
  // On a busy machine, only processor time counts.
  const isBusy = (loadavg()[0] ?? 0) > availableParallelism();
  const isSlow = isBusy ? cpu > BUSY_CPU_SECONDS : seconds > SECONDS;
  return [
    ...(isEndless ? [`no end after ${KILL_AFTER} s`] : []),
    // 2: the command does not take this form of image.
    ...(!isEndless && ![0, 1, 2].includes(code ?? NaN) ? [`exit ${code ?? signal}: ${stderr.slice(0, 2000)}`] : []),
    ...(code !== 0 && output.trim() === "" ? ["no message"] : []),
    ...(/^\s+at .*\(?(?:file|node|\/).*:\d+/m.test(output) ? [`a stack: ${output.slice(0, 2000)}`] : []),
    ...(UNPRINTABLE.test(output) ? [`terminal controls: ${JSON.stringify(UNPRINTABLE.exec(output)?.[0])}`] : []),
    ...(isSlow ? [`${seconds.toFixed(1)} s, ${cpu.toFixed(1)} s of processor time`] : []),
    ...(megabytes > MEGABYTES ? [`${megabytes.toFixed(0)} MB`] : []),
  ];
}

/** Pulls all manifests and blobs of a registry. */
async function readAll(address: string): Promise<void> {
  const signal = AbortSignal.timeout(10_000);
  for (const path of ["", "_catalog", "test/app/tags/list", "test/app/manifests/v1"]) {
    const answer = await fetch(`http://${address}/v2/${path}`, { signal });
    const text = await answer.text();
    for (const [digest] of text.matchAll(/sha256:[0-9a-f]{64}/g)) {
      const blob = await fetch(`http://${address}/v2/test/app/blobs/${digest}`, { signal });
      await blob.arrayBuffer();
    }
  }
}

/** A registry that accepts all pushes, but keeps only manifests. */
export async function acceptAll(): Promise<{ address: string; server: Server }> {
  const manifests = new Map<string, { type: string; bytes: Buffer }>();
  const server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request
      .on("data", (piece: Buffer) => pieces.push(piece))
      .once("end", () => {
        const { method = "", url = "", headers } = request;
        const known = manifests.get(url);
        const bytes = Buffer.concat(pieces);
        if (method === "POST") response.writeHead(202, { Location: `${url}1`, Range: "0-0" }).end();
        else if (method === "PATCH") response.writeHead(202, { Location: url, Range: "0-0" }).end();
        else if (method === "PUT") {
          const manifest = { type: headers["content-type"] ?? "", bytes };
          if (url.includes("/manifests/")) {
            manifests.set(url, manifest);
            manifests.set(url.replace(/[^/]*$/, sha256(bytes)), manifest);
          }
          response.writeHead(201).end();
        } else if (known === undefined) response.writeHead(url === "/v2/" ? 200 : 404).end();
        else {
          const length = { "Content-Type": known.type, "Content-Length": known.bytes.length };
          response
            .writeHead(200, { ...length, "Docker-Content-Digest": sha256(known.bytes) })
            .end(method === "HEAD" ? undefined : known.bytes);
        }
      });
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as { port: number };
  return { address: `127.0.0.1:${port}`, server };
}
