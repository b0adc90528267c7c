/** `expect run`: commands in real containers of the image, by podman or docker. */
import { spawn } from "node:child_process";
import { viewForServe } from "../serve/view.ts";
import { LayerPool } from "../serve/pool.ts";
import { startRegistry } from "../serve/server.ts";
import { fixedShelf } from "../serve/shelf.ts";
import { isImageDirectory, readImageDirectory } from "../image/read.ts";
import type { RunTrial } from "../image/image-file.ts";
import { runTool, ToolError } from "../tool/run.ts";

interface Engine {
  program: "podman" | "docker";
  /** Where skopeo puts an image for it. */
  transport: string;
}

const ENGINES: Engine[] = [
  { program: "podman", transport: "containers-storage:" },
  { program: "docker", transport: "docker-daemon:" },
];
/** How skopeo reads what `imgc verify` calls by these names. */
const SOURCES: Record<string, string> = {
  "OCI layout": "oci:",
  "OCI archive": "oci-archive:",
  "Docker archive": "docker-archive:",
};
const SHOWN = 300;

/** A sentence for each command that does not do what is expected of it. */
export async function runTrials(
  path: string,
  form: string,
  trials: RunTrial[],
  onStep: (step: string) => void,
): Promise<string[]> {
  const engine = await findEngine();
  const name = `localhost/imgc-verify:${process.pid}`;
  onStep(`loading the image into ${engine.program}`);
  await load(path, form, `${engine.transport}${name}`);
  const found: string[] = [];
  try {
    for (const trial of trials) {
      const [program = "", ...args] = trial.command;
      onStep(`running ${trial.command.join(" ")}`);
      const command = ["run", "--rm", "--network", "none", "--entrypoint", program, name, ...args];
      found.push(...judge(trial, await finish(engine.program, command)));
    }
  } finally {
    await runTool(engine.program, ["rmi", "--force", name]);
  }
  return found;
}

async function findEngine(): Promise<Engine> {
  for (const engine of ENGINES) {
    try {
      await runTool(engine.program, ["--version"]);
      return engine;
    } catch (error) {
      if (!(error instanceof ToolError)) throw error;
    }
  }
  throw new ToolError("`expect run` needs podman or docker, and neither is on PATH");
}

async function load(path: string, form: string, to: string): Promise<void> {
  const copy = async (from: string, ...flags: string[]) =>
    void (await runTool("skopeo", ["--insecure-policy", "copy", "--quiet", ...flags, from, to]));
  if (!isImageDirectory(path)) {
    await copy(`${SOURCES[form]}${path}`);
    return;
  }
  const view = viewForServe(readImageDirectory(path));
  const pool = new LayerPool();
  const registry = await startRegistry(fixedShelf(view), pool);
  try {
    const from = `docker://${registry.address}/${view.repository}@${view.manifest.digest}`;
    await copy(from, "--src-tls-verify=false", "--src-no-creds");
  } finally {
    await registry.close();
    await pool.close();
  }
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
