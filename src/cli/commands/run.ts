/** `imgc run`: builds if necessary, loads, and runs the image in a container that is removed afterwards. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";
import { ownFolder } from "../../util/temporary.ts";
import { GRACE, whileInterruptible } from "../terminal/signals.ts";
import { loadWithProgress, type LoadCommandOptions } from "./load.ts";

export interface RunCommandOptions extends LoadCommandOptions {
  publish: string[];
  env: string[];
  volume: string[];
  /** Options of `podman run` or `docker run`. */
  engineOption: string[];
}

export async function run(path: string, args: string[], options: RunCommandOptions): Promise<void> {
  const { engine, name } = await whileInterruptible(async (signal) => await loadWithProgress(path, options, signal));
  const terminal = process.stdin.isTTY && process.stdout.isTTY ? ["--tty"] : [];
  const given = (["publish", "env", "volume"] as const).flatMap((option) =>
    options[option].flatMap((value) => [`--${option}`, value]),
  );
  const temporary = ownFolder("imgc-run-");
  const idFile = join(temporary, "id");
  const child = spawn(
    engine,
    [
      "run",
      "--rm",
      "--interactive",
      "--cidfile",
      idFile,
      ...terminal,
      ...given,
      ...options.engineOption,
      name,
      ...args,
    ],
    { stdio: "inherit" },
  );
  // A terminal sends Ctrl-C to the engine as well, which passes it to the container. This process waits for the exit code.
  const stop = (signal: NodeJS.Signals) => {
    if (signal === "SIGTERM" || !process.stdin.isTTY) child.kill(signal);
    setTimeout(() => killContainer(engine, idFile, child), GRACE).unref();
  };
  process.on("SIGINT", stop).on("SIGTERM", stop);
  const [code, signal] = (await once(child, "close")) as [number | null, NodeJS.Signals | null];
  rmSync(temporary, { recursive: true, force: true });
  process.exitCode = code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
}

/** Kills a container that ignores signals: the first process of a container does so by default. */
function killContainer(engine: string, idFile: string, child: ChildProcess): void {
  if (child.exitCode !== null) return;
  const id = existsSync(idFile) ? readFileSync(idFile, "utf8") : "";
  if (id === "") child.kill("SIGKILL");
  else spawn(engine, ["kill", id], { stdio: "ignore" });
}
