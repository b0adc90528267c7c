/** What runs containers of an image, and what a command did in one. */
import type { ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import type { Readable } from "node:stream";
import type { AnyImage } from "../image/any-image.ts";
import type { RunTrial } from "../image/image-file.ts";
import { ToolError } from "../util/run-tool.ts";

/** Of what a command printed, beyond what was expected. */
const KEPT = 1 << 16;
/** Of what it said on the side. */
const KEPT_TALK = 8192;
const SHOWN = 300;

export interface Engine extends AsyncDisposable {
  /** Runs a command in a container of its own, of which nothing is left. Throws where no container can be run. */
  run: (trial: RunTrial, options: RunOptions) => Promise<Outcome>;
}

export interface RunOptions {
  /** Milliseconds. */
  limit: number;
  signal: AbortSignal | undefined;
  onStep: (step: string) => void;
}

export interface Outcome {
  exit: number | null;
  stdout: string;
  stderr: string;
  /** Milliseconds after which it was stopped. */
  stopped?: number;
}

/** What a container is called. */
export function containerName(): string {
  return `imgc-verify-${process.pid}`;
}

/** Sees a container to its end by the engine's process. `stop` is called once where it has to end before. */
export async function watch(
  child: ChildProcessByStdio<null, Readable, Readable>,
  { command, stdout }: RunTrial,
  { limit, signal, onStep }: RunOptions,
  stop: () => void,
): Promise<Outcome> {
  onStep(`running ${command.join(" ")}`);
  const outcome: Outcome = { exit: null, stdout: "", stderr: "" };
  const kept = KEPT + (stdout?.length ?? 0);
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    outcome.stdout = (outcome.stdout + text).slice(0, kept);
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    outcome.stderr = (outcome.stderr + text).slice(-KEPT_TALK);
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

/** The engine's own failure, which is no finding in the image. */
export function cannotRun(engine: string, why: string): ToolError {
  return new ToolError(`\`expect run\`: ${engine} cannot run a container here: ${why}`);
}

/** A command is tried in the one image that there is. */
export function onlyImage(images: AnyImage[]): AnyImage {
  const [image, ...others] = images;
  if (image !== undefined && others.length === 0) return image;
  throw new ToolError("`expect run` is tried with one image, and this is for several platforms");
}

/** The end of what it said, for a message. */
export function said({ stderr }: Outcome): string {
  return stderr.trim().slice(-SHOWN).replaceAll("\n", "\n  ");
}
