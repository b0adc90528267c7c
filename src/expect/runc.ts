/** Containers by runc, which keeps no images: the image is unpacked for each command, so that each finds it as it is. */
import { spawn } from "node:child_process";
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { directoryImages, fileImages, type AnyImage } from "../image/any-image.ts";
import type { RunTrial } from "../image/image-file.ts";
import { isImageDirectory, readImageDirectory } from "../image/image-directory.ts";
import { ownFolder } from "../util/temporary.ts";
import { runTool, ToolError } from "../util/run-tool.ts";
import { makeBundle } from "./bundle.ts";
import {
  cannotRun,
  containerName,
  onlyImage,
  said,
  watch,
  type Engine,
  type Outcome,
  type RunOptions,
} from "./engine.ts";

/** By what shells say of a command that cannot be executed, and of one that is not there. */
const CLOSED = 126;
const MISSING = 127;

export async function unpacking(path: string): Promise<Engine> {
  if (process.getuid?.() !== 0) {
    throw new ToolError("`expect run` with runc needs root, to unpack the image; try again as root, or install podman");
  }
  const opened = isImageDirectory(path) ? directoryImages([readImageDirectory(path)]) : await fileImages(path);
  return {
    run: (trial, options) => run(onlyImage(opened.images), trial, options),
    [Symbol.asyncDispose]: async () => opened[Symbol.dispose](),
  };
}

async function run(image: AnyImage, trial: RunTrial, options: RunOptions): Promise<Outcome> {
  const folder = ownFolder("imgc-container-");
  const container = containerName();
  // Is there once the command runs.
  const pid = join(folder, "pid");
  // What runc itself has to say is in its log; of a failure, it says so as well.
  const global = ["--root", join(folder, "state"), "--log", join(folder, "log")];
  const runc = (...args: string[]) => runTool("runc", [...global, ...args]);
  try {
    options.onStep(`unpacking the image for ${trial.command.join(" ")}`);
    await runc("spec", "--bundle", folder);
    await makeBundle(folder, image, trial.command, options.signal);
    options.signal?.throwIfAborted();
    const args = [...global, "run", "--bundle", folder, "--pid-file", pid, container];
    const child = spawn("runc", args, { stdio: ["ignore", "pipe", "pipe"] });
    const stop = async () => {
      // It may not be there yet.
      while (child.exitCode === null && child.signalCode === null) {
        await runc("kill", container, "KILL").catch(() => sleep(100));
      }
    };
    const outcome = await watch(child, trial, options, () => void stop());
    options.signal?.throwIfAborted();
    return existsSync(pid) || outcome.stopped !== undefined ? outcome : notStarted(outcome);
  } catch (error) {
    // No room on the disk, say.
    if (error instanceof Error && "code" in error && typeof error.code === "string") {
      throw cannotRun("runc", error.message);
    }
    throw error;
  } finally {
    await runc("delete", "--force", container).catch(() => {});
    // The processes of a container that was stopped may still write while they end.
    rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
}

/** runc says of everything that it failed with the exit code 1; what it says of a command names it. */
function notStarted(outcome: Outcome): Outcome {
  const [, why] = /: exec: (".*)$/m.exec(outcome.stderr) ?? [];
  if (why === undefined) throw cannotRun("runc", said(outcome));
  return { ...outcome, exit: /permission denied|is a directory/.test(why) ? CLOSED : MISSING };
}
