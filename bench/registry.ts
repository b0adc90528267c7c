/** Starts a registry on this machine. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

export interface Registry {
  address: string;
  /** Requests answered so far. */
  requests(): number;
  /** Deletes a blob from the repository and the storage. */
  forget(repository: string, digest: string): void;
  /** The folder of the registry's blobs. */
  blobs: string;
  process: ChildProcess;
  /** Ends the registry and deletes its folder. */
  remove(): Promise<void>;
}

/** `folder`: created for the registry. */
export async function startRegistry(folder: string): Promise<Registry> {
  mkdirSync(folder);
  const config = join(folder, "config.yml");
  const storage = { filesystem: { rootdirectory: join(folder, "data") } };
  writeFileSync(config, JSON.stringify({ version: 0.1, storage, http: { addr: "127.0.0.1:0" } }));
  // Log into a file: this process does not read while it waits for other processes, and a full pipe would block.
  const log = join(folder, "log");
  const file = openSync(log, "w");
  const child = spawn("docker-registry", ["serve", config], { stdio: ["ignore", "ignore", file] });
  closeSync(file);
  const root = join(folder, "data/docker/registry/v2");
  const blobs = join(root, "blobs");
  mkdirSync(blobs, { recursive: true });
  for (;;) {
    const text = readFileSync(log, "utf8");
    const address = /listening on (127\.0\.0\.1:\d+)/.exec(text)?.[1];
    if (address === undefined) {
      await sleep(50);
      continue;
    }
    return {
      address,
      process: child,
      blobs,
      async remove() {
        const ended = once(child, "exit");
        child.kill();
        await ended;
        rmSync(folder, { recursive: true });
      },
      requests: () => readFileSync(log, "utf8").split('msg="response completed').length - 1,
      forget(repository, digest) {
        const [algorithm, hash] = digest.split(":") as [string, string];
        const link = join(root, "repositories", repository, "_layers", algorithm, hash);
        for (const path of [link, join(blobs, algorithm, hash.slice(0, 2), hash)]) rmSync(path, { recursive: true });
      },
    };
  }
}
