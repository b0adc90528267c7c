/** The interface of container engines for `expect run`, and the outcome of a command. */
import type { ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import type { Readable } from "node:stream";
import type { AnyImage } from "../image/any-image.ts";
import type { ExpectedRun } from "../image/image-file.ts";
import { ToolError } from "../util/run-tool.ts";

/** Limit in characters of the kept standard output, in addition to the length of the expected output. */
const MAX_STDOUT = 1 << 16;
/** Limit in characters of the kept standard error. */
const MAX_STDERR = 8192;
/** Limit in characters of standard error in a message. */
const MAX_SHOWN = 300;

export interface Engine extends AsyncDisposable {
  /** Runs a command in a new container, which is deleted afterwards. Throws if no container can be run. */
  run: (expected: ExpectedRun, options: RunOptions) => Promise<Outcome>;
}

export interface RunOptions {
  /** The time limit in milliseconds. */
  limit: number;
  signal: AbortSignal | undefined;
  onStep: (step: string) => void;
}

export interface Outcome {
  exit: number | null;
  stdout: string;
  stderr: string;
  /** The milliseconds after which the command was stopped; undefined if it ended by itself. */
  stopped?: number;
}

export function containerName(): string {
  return `imgc-verify-${process.pid}`;
}

/** Waits until a container's process ends. Calls `stop` at the time limit or an abort; `stop` must end the process. */
export async function watch(
  child: ChildProcessByStdio<null, Readable, Readable>,
  { command, stdout }: ExpectedRun,
  { limit, signal, onStep }: RunOptions,
  stop: () => void,
): Promise<Outcome> {
  onStep(`running ${command.join(" ")}`);
  const outcome: Outcome = { exit: null, stdout: "", stderr: "" };
  const limitOfStdout = MAX_STDOUT + (stdout?.length ?? 0);
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    outcome.stdout = (outcome.stdout + text).slice(0, limitOfStdout);
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    outcome.stderr = (outcome.stderr + text).slice(-MAX_STDERR);
  });
  const timer = setTimeout(() => {
    outcome.stopped = limit;
    stop();
  }, limit);
  signal?.addEventListener("abort", stop);
  try {
    const [exit] = (await once(child, "close")) as [number | null];
    return { ...outcome, exit };
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", stop);
  }
}

/** The error for a failure of the engine, which is not a finding in the image. */
export function cannotRun(engine: string, reason: string): ToolError {
  return new ToolError(`\`expect run\`: ${engine} cannot run a container here: ${reason}`);
}

/** The image to run. All forms of an image have the same config and files, so the first form stands for them. */
export function onlyImage(images: AnyImage[]): AnyImage {
  const [image, ...others] = images;
  if (image !== undefined && others.every(({ configBytes }) => configBytes.equals(image.configBytes))) return image;
  throw new ToolError("`expect run` needs an image for one platform, but this image is for several");
}

/** The end of standard error, for a message. */
export function endOfStderr({ stderr }: Outcome): string {
  return stderr.trim().slice(-MAX_SHOWN).replaceAll("\n", "\n  ");
}
