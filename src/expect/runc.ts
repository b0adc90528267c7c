/** Runs containers with runc. The image is unpacked for each command, so that commands do not see each other's changes. */
import { spawn } from "node:child_process";
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { directoryImages, fileImages, type AnyImage } from "../image/any-image.ts";
import type { ExpectedRun } from "../image/image-file.ts";
import { isImageDirectory, readImageDirectory } from "../image/image-directory.ts";
import { ownFolder } from "../util/temporary.ts";
import { runTool, ToolError } from "../util/run-tool.ts";
import { makeBundle } from "./bundle.ts";
import {
  cannotRun,
  containerName,
  onlyImage,
  endOfStderr,
  watch,
  type Engine,
  type Outcome,
  type RunOptions,
} from "./engine.ts";

/** The exit codes of shells for a command that cannot be executed, and for a missing command. */
const NOT_EXECUTABLE = 126;
const MISSING = 127;

export async function unpacking(path: string): Promise<Engine> {
  if (process.getuid?.() !== 0) {
    throw new ToolError("`expect run` with runc needs root, to unpack the image; try again as root, or install podman");
  }
  const opened = isImageDirectory(path) ? directoryImages([readImageDirectory(path)]) : await fileImages(path);
  return {
    run: (expected, options) => run(onlyImage(opened.images), expected, options),
    [Symbol.asyncDispose]: async () => opened[Symbol.dispose](),
  };
}

async function run(image: AnyImage, expected: ExpectedRun, options: RunOptions): Promise<Outcome> {
  const folder = ownFolder("imgc-container-");
  const container = containerName();
  // runc writes this file when the command starts.
  const pid = join(folder, "pid");
  // runc writes its messages to a log, and failures to standard error as well.
  const global = ["--root", join(folder, "state"), "--log", join(folder, "log")];
  const runc = (...args: string[]) => runTool("runc", [...global, ...args]);
  try {
    options.onStep(`unpacking the image for ${expected.command.join(" ")}`);
    await runc("spec", "--bundle", folder);
    await makeBundle(folder, image, expected.command, options.signal);
    options.signal?.throwIfAborted();
    const args = [...global, "run", "--bundle", folder, "--pid-file", pid, container];
    const child = spawn("runc", args, { stdio: ["ignore", "pipe", "pipe"] });
    const stop = async () => {
      // Repeat, since the container may not exist yet.
      while (child.exitCode === null && child.signalCode === null) {
        await runc("kill", container, "KILL").catch(() => sleep(100));
      }
    };
    const outcome = await watch(child, expected, options, () => void stop());
    options.signal?.throwIfAborted();
    return existsSync(pid) || outcome.stopped !== undefined ? outcome : notStarted(outcome);
  } catch (error) {
    // A system error, such as a full disk.
    if (error instanceof Error && "code" in error && typeof error.code === "string") {
      throw cannotRun("runc", error.message);
    }
    throw error;
  } finally {
    await runc("delete", "--force", container).catch(() => {});
    // The processes of a stopped container may still write while they end.
    rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
}

/**
 * The outcome of a command that did not start. runc exits with 1 for all failures; its message contains `exec` if the
 * command is the reason.
 */
function notStarted(outcome: Outcome): Outcome {
  const [, reason] = /: exec: (".*)$/m.exec(outcome.stderr) ?? [];
  if (reason === undefined) throw cannotRun("runc", endOfStderr(outcome));
  return { ...outcome, exit: /permission denied|is a directory/.test(reason) ? NOT_EXECUTABLE : MISSING };
}
