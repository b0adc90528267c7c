/** Runs containers with podman or docker. The image is loaded once, and removed at the end. */
import { spawn } from "node:child_process";
import { fileImages } from "../image/any-image.ts";
import { dockerFiles, fullNameOf, tarOf, type Called, type ExportLayer } from "../image/export.ts";
import type { ExpectedRun } from "../image/image-file.ts";
import { isImageDirectory, readImageDirectory } from "../image/image-directory.ts";
import { onImages } from "../publish/engine-images.ts";
import { load, type Engine as Program } from "../publish/load.ts";
import { LayerPool } from "../serve/layer-pool.ts";
import { runTool } from "../util/run-tool.ts";
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

export async function loaded(path: string, program: Program): Promise<Engine> {
  const called = { name: "localhost/imgc-verify", tag: `${process.pid}` };
  await (isImageDirectory(path) ? loadDirectory(path, called, program) : loadFile(path, called, program));
  const image = fullNameOf(called);
  return {
    run: (expected, options) => run(program, image, expected, options),
    [Symbol.asyncDispose]: async () => void (await onImages(program, ["rmi", "--force", image])),
  };
}

async function loadDirectory(path: string, called: Called, program: Program): Promise<void> {
  await using pool = new LayerPool();
  await load(readImageDirectory(path), called, program, { pool });
}

/** Loads an image as a Docker archive, which both programs can read. */
async function loadFile(path: string, called: Called, program: Program): Promise<void> {
  using opened = await fileImages(path);
  const image = onlyImage(opened.images);
  const layers: ExportLayer[] = [];
  for (const { diffId, stream } of image.layers) {
    // A tar archive needs the size of a file before its content.
    let size = 0;
    for await (const piece of stream()) size += piece.length;
    const bytes = async function* () {
      yield* stream();
    };
    layers.push({ digest: diffId, size, bytes });
  }
  const files = dockerFiles([{ file: called, config: image.configBytes, layers }]);
  await runTool(program, ["load", "--quiet"], { input: tarOf(files) });
}

async function run(program: Program, image: string, expected: ExpectedRun, options: RunOptions): Promise<Outcome> {
  const container = containerName();
  const [first = "", ...args] = expected.command;
  const how = ["run", "--rm", "--name", container, "--network", "none", "--no-healthcheck", "--entrypoint", first];
  // Warnings of podman would mix with the command's standard error.
  const quiet = ["--log-level", "error"];
  const child = spawn(program, [...quiet, ...how, image, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  // If the container does not exist yet, end the engine's client.
  const stop = () => void runTool(program, ["kill", container]).catch(() => child.kill());
  const outcome = await watch(child, expected, options, stop);
  const isInterrupted = options.signal?.aborted === true;
  // A client that was stopped while it created the container may leave the container behind.
  if (isInterrupted || outcome.stopped !== undefined)
    await runTool(program, ["rm", "--force", container]).catch(() => {});
  if (!isInterrupted && isOwnFailure(expected, outcome)) throw cannotRun(program, endOfStderr(outcome));
  return outcome;
}

/**
 * Whether the engine failed, not the command. Engines exit with 125 if they fail themselves. They exit with 126 or 127
 * for several reasons; their message contains `exec` if the command is the reason.
 */
function isOwnFailure(expected: ExpectedRun, { exit, stderr, stopped }: Outcome): boolean {
  if (exit === expected.exit || stopped !== undefined) return false;
  if (exit === 125) return true;
  const isOwn = /^Error: (?:OCI runtime error|runc|crun)\b|^docker: /m.test(stderr);
  return isOwn && (exit === 126 || exit === 127) && !/exec: |executable file/.test(stderr);
}
