/** Helpers of the end-to-end tests: build specs with real Nix, run registries and containers. */
import { execFile, spawn, type ChildProcess } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { onImages } from "../../src/publish/engine-images.ts";

const run = promisify(execFile);
export const IMGC = join(import.meta.dirname, "../../bin/imgc.mjs");
export const EXAMPLES = join(import.meta.dirname, "../../examples");

/** The error of a failed program, with its output. */
export interface Failure extends Error {
  code: number;
  stdout: string;
  stderr: string;
}

export interface Output {
  stdout: string;
  stderr: string;
}

/** Runs a program; throws an error with its output if it fails. */
export async function tool(program: string, args: string[], env: Record<string, string> = {}): Promise<Output> {
  return run(program, args, { env: { ...process.env, ...env }, maxBuffer: 1 << 28 });
}

export const imgc = (...args: string[]): Promise<Output> => tool(process.execPath, [IMGC, ...args]);

/** The failure of a program that must fail. */
export async function failure(promise: Promise<unknown>): Promise<Failure> {
  try {
    await promise;
  } catch (error) {
    return error as Failure;
  }
  throw new Error("it should have failed");
}

/** Cleanups of a test file; test/setup.ts runs them after its last test, so that tests can share things. */
const leftovers: (() => unknown)[] = [];
export async function removeLeftovers(): Promise<void> {
  for (const remove of leftovers.splice(0).toReversed()) await remove();
}

export function cleanUp(remove: () => unknown): void {
  leftovers.push(remove);
}

/**
 * A folder that is deleted after the file's tests. The deletion is repeated if a process still writes into the folder: an editor
 * does not wait for its language server, which keeps its compiled code in the folder HOME when it ends.
 */
export function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "imgc-test-"));
  cleanUp(() => rmSync(path, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 }));
  return path;
}

/** Processes that have the folder for temporary files in their environment. */
export function living(temporary: string): string[] {
  return readdirSync("/proc").filter((name) => {
    try {
      return /^\d+$/.test(name) && readFileSync(`/proc/${name}/environ`, "utf8").includes(`TMPDIR=${temporary}\0`);
    } catch {
      return false;
    }
  });
}

/** A folder with the program `imgc`, to put on PATH. */
export function folderOfImgc(): string {
  const program = files({ imgc: `#!/bin/sh\nexec "${process.execPath}" "${IMGC}" "$@"\n` });
  chmodSync(program, 0o755);
  return dirname(program);
}

let count = 0;

/** Writes files and returns the path of the first. */
export function files(contents: Record<string, string>, into = folder()): string {
  for (const [name, text] of Object.entries(contents)) {
    mkdirSync(join(into, name, ".."), { recursive: true });
    writeFileSync(join(into, name), text);
  }
  return join(into, Object.keys(contents)[0] as string);
}

export interface Built {
  /** The target of `nix build`'s link. */
  path: string;
  /** Names of the derivations that were built, without hash and `.drv`. */
  built: string[];
}

/** `imgc compile SPEC | nix build -f - ATTRIBUTE`. */
export async function build(spec: string, options: { attribute?: string; nix?: string[] } = {}): Promise<Built> {
  const path = join(folder(), `result-${++count}`);
  const { stdout } = await imgc("compile", spec);
  const expression = files({ "image.nix": stdout });
  const attribute = options.attribute === undefined ? [] : [options.attribute];
  const { stderr } = await tool("nix", [
    "build",
    "-f",
    expression,
    ...attribute,
    "-o",
    path,
    "-L",
    ...(options.nix ?? []),
  ]);
  const built = [...stderr.matchAll(/^building '[^']*\/[a-z0-9]{32}-([^']*)\.drv'/gm)].map(
    (match) => match[1] as string,
  );
  return { path, built };
}

/** Builds a spec given as text. */
export const buildText = (text: string, options: { attribute?: string; nix?: string[] } = {}): Promise<Built> =>
  build(files({ "test.imgspec": text }), options);

/** The digest of the manifest of an image directory, as `imgc verify` recomputes it. */
export async function verified(
  path: string,
): Promise<{ digests: string[]; layers: number; paths: number; size: number }> {
  const { stdout } = await imgc("verify", "--json", path);
  return JSON.parse(stdout) as { digests: string[]; layers: number; paths: number; size: number };
}

/** Settings for the podman that `imgc` starts, for any machine of the tests. */
export const CONTAINERS = {
  CONTAINERS_CONF: join(import.meta.dirname, "containers.conf"),
};

/** `imgc verify` of an image whose expectations start containers. */
export function tried(path: string): Promise<Output> {
  return tool(process.execPath, [IMGC, "verify", path], CONTAINERS);
}

export interface RegistryOptions {
  /** The users of the registry. */
  htpasswd?: string;
  /** Another kind of login, as in the configuration of the registry. */
  auth?: object;
  /** The storage folder. */
  path?: string;
  /** 0: any free port. */
  port?: number;
}

/** A registry on a free port, with plain HTTP; stopped after the tests. */
export async function registry(options: RegistryOptions = {}): Promise<string> {
  return (await startRegistry(options)).address;
}

export async function startRegistry({ htpasswd, auth, path = folder(), port = 0 }: RegistryOptions = {}): Promise<{
  address: string;
  process: ChildProcess;
}> {
  if (htpasswd !== undefined) writeFileSync(join(path, "htpasswd"), htpasswd);
  const login = htpasswd === undefined ? auth : { htpasswd: { realm: "test", path: join(path, "htpasswd") } };
  const config = join(path, "config.yml");
  writeFileSync(
    config,
    JSON.stringify({
      version: 0.1,
      storage: { filesystem: { rootdirectory: join(path, "data") } },
      http: { addr: `127.0.0.1:${port}` },
      ...(login === undefined ? {} : { auth: login }),
    }),
  );
  const server = spawn("docker-registry", ["serve", config], { stdio: ["ignore", "ignore", "pipe"] });
  cleanUp(() => void server.kill());
  let said = "";
  server.stderr.setEncoding("utf8").on("data", (text: string) => (said += text));
  for (let i = 0; i < 100; i++) {
    const address = /listening on (127\.0\.0\.1:\d+)/.exec(said)?.[1];
    if (address !== undefined) return { address, process: server };
    await sleep(100);
  }
  throw new Error(`docker-registry does not start: ${said}`);
}

export const LIMITS = ["--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1024:1024"];

/** Copies an OCI layout into podman; removed after the tests. */
export async function loadLayout(layout: string): Promise<string> {
  const name = `localhost/imgc-test-${process.pid}-${++count}:latest`;
  await onImages("skopeo", ["--insecure-policy", "copy", "--quiet", `oci:${layout}`, `containers-storage:${name}`]);
  cleanUp(async () => void (await onImages("podman", ["rmi", "--force", name])));
  return name;
}

/** Runs a container without network; `options` come before the image, `args` after it. */
export async function podman(image: string, args: string[] = [], options: string[] = []): Promise<Output> {
  return tool("podman", [
    "--runtime",
    "runc",
    "run",
    "--rm",
    "--network",
    "none",
    ...LIMITS,
    ...options,
    image,
    ...args,
  ]);
}
