/**
 * Docker for the tests: Debian's daemon, unpacked by scripts/with-setup.sh, on a temporary socket. If the daemon cannot
 * start, podman takes its place, with a message.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, openSync, readFileSync, symlinkSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { cleanUp, CONTAINERS, files, folder, tool } from "../e2e/tools.ts";

const PROGRAMS = join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "imgc-test/docker");
const PATH = `${PROGRAMS}:${process.env["PATH"]}:/usr/sbin:/sbin`;
/** The other tools of the command line, without podman. */
const TOOLS = ["nix", "nix-store", "skopeo", "tar"];

export interface Docker {
  isReal: boolean;
  /** An environment with a client of this daemon, and without podman. */
  env: Record<string, string>;
}

/** Starts a daemon until the end of the tests. `elsewhere`: the daemon cannot reach the loopback addresses of this machine. */
export async function docker({ elsewhere = false } = {}): Promise<Docker> {
  const place = folder();
  const bin = folder();
  for (const name of TOOLS) symlinkSync((await tool("which", [name])).stdout.trim(), join(bin, name));
  const problem = await startDaemon(place, elsewhere);
  if (problem === undefined) {
    symlinkSync(join(PROGRAMS, "docker"), join(bin, "docker"));
    const host = `unix://${place}/docker.sock`;
    return { isReal: true, env: { PATH: bin, DOCKER_HOST: host, DOCKER_CONFIG: join(place, "client") } };
  }
  process.stderr.write(`dockerd does not start, so podman is tested in its place: ${problem}\n`);
  const pull = elsewhere ? "echo connection refused >&2; exit 1" : 'exec podman pull --tls-verify=false "${@:2}"';
  const script = `#!/bin/bash\nPATH='${PATH}'\ncase $1 in pull) ${pull};; *) exec podman "$@";; esac\n`;
  chmodSync(files({ docker: script }, bin), 0o755);
  return { isReal: false, env: { PATH: bin, ...CONTAINERS } };
}

/** Starts the daemon; returns the problem if it does not start. */
async function startDaemon(place: string, elsewhere: boolean): Promise<string | undefined> {
  const log = join(place, "log");
  const settings = {
    "data-root": join(place, "data"),
    "exec-root": join(place, "exec"),
    pidfile: join(place, "pid"),
    hosts: [`unix://${place}/docker.sock`],
    "storage-driver": "vfs",
    // Do not change this machine's network.
    bridge: "none",
    iptables: false,
    ip6tables: false,
    "ip-forward": false,
  };
  const config = files({ "daemon.json": JSON.stringify(settings) }, place);
  // In a mount namespace, so that no mounts are left.
  const args = ["--mount", ...(elsewhere ? ["--net"] : []), "dockerd", "--config-file", config];
  const out = openSync(log, "w");
  const daemon = spawn("unshare", args, { stdio: ["ignore", out, out], env: { ...process.env, PATH } });
  const ended = once(daemon, "close").then(() => readFileSync(log, "utf8").trim().split("\n").at(-1) ?? "", String);
  cleanUp(async () => {
    // dockerd also ends its containerd.
    daemon.kill();
    await ended;
  });
  for (let i = 0; i < 200; i++) {
    if (existsSync(join(place, "docker.sock"))) return undefined;
    const problem = await Promise.race([ended, sleep(100)]);
    if (problem !== undefined) return problem;
  }
  return "dockerd does not listen after twenty seconds";
}
