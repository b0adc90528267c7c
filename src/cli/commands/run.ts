/** `imgc run`: builds if necessary, loads, and runs the image in a container that is removed afterwards. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { constants } from "node:os";
import { whileInterruptible } from "../terminal/signals.ts";
import { loadWithProgress, type LoadCommandOptions } from "./load.ts";

export interface RunCommandOptions extends LoadCommandOptions {
  publish: string[];
}

export async function run(path: string, args: string[], options: RunCommandOptions): Promise<void> {
  const { engine, name } = await whileInterruptible(async (signal) => await loadWithProgress(path, options, signal));
  const terminal = process.stdin.isTTY && process.stdout.isTTY ? ["--tty"] : [];
  const ports = options.publish.flatMap((port) => ["--publish", port]);
  const child = spawn(engine, ["run", "--rm", "--interactive", ...terminal, ...ports, name, ...args], {
    stdio: "inherit",
  });
  // The terminal sends Ctrl-C to the container as well; this process must outlive it to return its exit code.
  const pass = (signal: NodeJS.Signals) => child.kill(signal);
  process.on("SIGINT", () => {}).on("SIGTERM", pass);
  const [code, signal] = (await once(child, "close")) as [number | null, NodeJS.Signals | null];
  process.exitCode = code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
}
