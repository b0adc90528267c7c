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

const SHOWN = 300;

/** A sentence for each command that does not do what is expected of it. */
export async function runTrials(path: string, trials: RunTrial[], onStep: (step: string) => void): Promise<string[]> {
  const engine = await findEngine();
  const called = { name: "localhost/imgc-verify", tag: `${process.pid}` };
  const name = written(called);
  onStep(`loading the image into ${engine}`);
  await (isImageDirectory(path) ? loadDirectory(path, called, engine) : loadFile(path, called, engine));
  const found: string[] = [];
  try {
    for (const trial of trials) {
      const [program = "", ...args] = trial.command;
      onStep(`running ${trial.command.join(" ")}`);
      const command = ["run", "--rm", "--network", "none", "--entrypoint", program, name, ...args];
      found.push(...judge(trial, await finish(engine, command)));
    }
  } finally {
    await runTool(engine, ["rmi", "--force", name]);
  }
  return found;
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
}

async function finish(program: string, args: string[]): Promise<Outcome> {
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
  const outcome: Outcome = { exit: null, stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => (outcome.stdout += text));
  child.stderr
    .setEncoding("utf8")
    .on("data", (text: string) => (outcome.stderr = (outcome.stderr + text).slice(-8192)));
  outcome.exit = await new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  return outcome;
}

function judge({ command, exit, stdout }: RunTrial, outcome: Outcome): string[] {
  const what = `expect run ${command.join(" ")}`;
  const said = outcome.stderr.trim() === "" ? "" : `; it said: ${outcome.stderr.trim().slice(-SHOWN)}`;
  return [
    ...(outcome.exit === exit ? [] : [`${what}: exit code ${exit}, but it was ${outcome.exit}${said}`]),
    ...(stdout === null || outcome.stdout === stdout
      ? []
      : [`${what}: stdout ${quoted(stdout)}, but it was ${quoted(outcome.stdout)}`]),
  ];
}

function quoted(text: string): string {
  return JSON.stringify(text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text);
}
