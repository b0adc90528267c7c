/**
 * Docker, for the tests: Debian's own daemon, which scripts/with-setup.sh unpacks, on a socket of its own. Where a machine
 * lets no such daemon start, a stand-in by podman, and the tests say so.
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
/** What other tools the command line drives; podman is none of them. */
const TOOLS = ["nix", "nix-store", "skopeo", "tar"];

export interface Docker {
  isReal: boolean;
  /** In which `docker` is the client of that daemon, and podman is not installed. */
  env: Record<string, string>;
}

/** `elsewhere`: its daemon does not see the loopback addresses of this machine. Gone after the tests. */
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
  process.stderr.write(`dockerd does not start here, so a stand-in is tested in its place: ${problem}\n`);
  const pull = elsewhere ? "echo connection refused >&2; exit 1" : 'exec podman pull --tls-verify=false "${@:2}"';
  const script = `#!/bin/bash\nPATH='${PATH}'\ncase $1 in pull) ${pull};; *) exec podman "$@";; esac\n`;
  chmodSync(files({ docker: script }, bin), 0o755);
  return { isReal: false, env: { PATH: bin, ...CONTAINERS } };
}

/** Undefined when it answers, or else why it does not. */
async function startDaemon(place: string, elsewhere: boolean): Promise<string | undefined> {
  const log = join(place, "log");
  const settings = {
    "data-root": join(place, "data"),
    "exec-root": join(place, "exec"),
    pidfile: join(place, "pid"),
    hosts: [`unix://${place}/docker.sock`],
    "storage-driver": "vfs",
    // Nothing of this machine's network is touched.
    bridge: "none",
    iptables: false,
    ip6tables: false,
    "ip-forward": false,
  };
  const config = files({ "daemon.json": JSON.stringify(settings) }, place);
  // Its mounts are its own as well: they go with it, whatever it leaves.
  const args = ["--mount", ...(elsewhere ? ["--net"] : []), "dockerd", "--config-file", config];
  const out = openSync(log, "w");
  const daemon = spawn("unshare", args, { stdio: ["ignore", out, out], env: { ...process.env, PATH } });
  const ended = once(daemon, "close").then(() => readFileSync(log, "utf8").trim().split("\n").at(-1) ?? "", String);
  cleanUp(async () => {
    // It ends its containerd as well.
    daemon.kill();
    await ended;
  });
  for (let i = 0; i < 200; i++) {
    if (existsSync(join(place, "docker.sock"))) return undefined;
    const problem = await Promise.race([ended, sleep(100)]);
    if (problem !== undefined) return problem;
  }
  return "it does not listen after twenty seconds";
}
