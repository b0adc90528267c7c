/** `expect run`: commands in real containers of the image, by podman or docker. */
import { spawn } from "node:child_process";
import { LayerPool } from "../serve/pool.ts";
import { fileImages } from "../image/any-image.ts";
import { dockerFiles, tarOf, type Called, type ExportLayer } from "../image/export.ts";
import { isImageDirectory, readImageDirectory } from "../image/read.ts";
import type { RunTrial } from "../image/image-file.ts";
import { findEngine, load, type Engine } from "../publish/load.ts";
import { written } from "../publish/reference.ts";
import { runTool, ToolError } from "../tool/run.ts";
import { outputDifference } from "./output-difference.ts";

/** Of what a command said. */
const SHOWN = 300;
/** Of what it printed, beyond what was expected. */
const KEPT = 1 << 16;
/** Commands are tried, not left running; a server that does not end by itself is stopped. */
const LIMIT = 5 * 60_000;

export interface TrialOptions {
  onStep?: (step: string) => void;
  signal?: AbortSignal;
  /** Milliseconds that a command may run. */
  limit?: number;
}

/** A sentence for each command that does not do what is expected of it. */
export async function runTrials(path: string, trials: RunTrial[], options: TrialOptions = {}): Promise<string[]> {
  const { onStep = () => {}, signal } = options;
  const engine = await someEngine();
  const called = { name: "localhost/imgc-verify", tag: `${process.pid}` };
  const name = written(called);
  onStep(`loading the image into ${engine}`);
  await (isImageDirectory(path) ? loadDirectory(path, called, engine) : loadFile(path, called, engine));
  const found: string[] = [];
  try {
    for (const trial of trials) {
      signal?.throwIfAborted();
      onStep(`running ${trial.command.join(" ")}`);
      const outcome = await finish(engine, name, trial, options);
      signal?.throwIfAborted();
      if (failsItself(trial, outcome)) {
        throw new ToolError(`\`expect run\`: ${engine} cannot run a container here: ${said(outcome)}`);
      }
      found.push(...judge(trial, outcome));
    }
  } finally {
    await runTool(engine, ["rmi", "--force", name]);
  }
  return found;
}

async function someEngine(): Promise<Engine> {
  try {
    return await findEngine();
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    throw new ToolError("`expect run` needs podman or docker, and neither is installed, or on PATH");
  }
}

async function loadDirectory(path: string, called: Called, engine: Engine): Promise<void> {
  const pool = new LayerPool();
  try {
    await load(readImageDirectory(path), called, engine, { pool });
  } finally {
    await pool.close();
  }
}

/** What both engines read, wherever they run, is a Docker archive. */
async function loadFile(path: string, called: Called, engine: Engine): Promise<void> {
  using opened = await fileImages(path);
  const [image, ...others] = opened.images;
  if (image === undefined || others.length > 0) {
    throw new ToolError("`expect run` is tried with one image, and this is for several platforms");
  }
  const layers: ExportLayer[] = [];
  for (const { diffId, stream } of image.layers) {
    // An archive says how long a file is before it has it.
    let size = 0;
    for await (const piece of stream()) size += piece.length;
    const bytes = async function* () {
      yield* stream();
    };
    layers.push({ digest: diffId, size, bytes });
  }
  const files = dockerFiles({ file: called, config: image.configBytes, layers });
  await runTool(engine, ["load", "--quiet"], { input: tarOf(files) });
}

interface Outcome {
  exit: number | null;
  stdout: string;
  stderr: string;
  /** Milliseconds after which it was stopped. */
  stopped?: number;
}

async function finish(
  engine: Engine,
  image: string,
  { command: [program = "", ...args], stdout }: RunTrial,
  { signal, limit = LIMIT }: TrialOptions,
): Promise<Outcome> {
  const container = `imgc-verify-${process.pid}`;
  const how = ["run", "--rm", "--name", container, "--network", "none", "--entrypoint", program];
  const child = spawn(engine, [...how, image, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  const outcome: Outcome = { exit: null, stdout: "", stderr: "" };
  const kept = KEPT + (stdout?.length ?? 0);
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    outcome.stdout = (outcome.stdout + text).slice(0, kept);
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    outcome.stderr = (outcome.stderr + text).slice(-8192);
  });
  // The engine's client has nothing to kill where it has not come that far.
  const stop = () => void runTool(engine, ["kill", container]).catch(() => child.kill());
  const timer = setTimeout(() => {
    outcome.stopped = limit;
    stop();
  }, limit);
  signal?.addEventListener("abort", stop);
  try {
    outcome.exit = await new Promise((resolve, reject) => {
      child.once("error", reject);
      child.once("close", resolve);
    });
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", stop);
    // A client that was stopped while it made the container may leave it.
    if (outcome.stopped !== undefined || signal?.aborted === true)
      await runTool(engine, ["rm", "--force", container]).catch(() => {});
  }
  return outcome;
}

/** Whether it is not the command that failed: 125 is the engines' own code; what they say of a command names it. */
function failsItself(trial: RunTrial, { exit, stderr, stopped }: Outcome): boolean {
  if (exit === trial.exit || stopped !== undefined) return false;
  if (exit === 125) return true;
  const isEngine = /^Error: (?:OCI runtime error|runc|crun)\b|^docker: /m.test(stderr);
  return isEngine && (exit === 126 || exit === 127) && !/exec: |executable file/.test(stderr);
}

function judge({ command, exit, stdout }: RunTrial, outcome: Outcome): string[] {
  const what = `expect run ${shortCommand(command)}`;
  if (outcome.stopped !== undefined) {
    const advice = "expect a command that ends, such as one that asks a server for its version";
    return [`${what}: it still ran after ${outcome.stopped / 1000} s, and was stopped; ${advice}`];
  }
  const talk = outcome.stderr.trim() === "" ? "" : `; it said: ${said(outcome)}`;
  return [
    ...(outcome.exit === exit ? [] : [`${what}: exit code ${exit}, but it was ${outcome.exit}${talk}`]),
    ...(stdout === null || outcome.stdout === stdout ? [] : [`${what}: ${outputDifference(stdout, outcome.stdout)}`]),
  ];
}

function said({ stderr }: Outcome): string {
  return stderr.trim().slice(-SHOWN).replaceAll("\n", "\n  ");
}

function shortCommand(command: string[]): string {
  const line = command.map((word) => (/^[\w./:=@%+,-]+$/.test(word) ? word : JSON.stringify(word))).join(" ");
  return line.length > 80 ? `${line.slice(0, 79)}…` : line;
}
