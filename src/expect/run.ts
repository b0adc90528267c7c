/** `expect run`: commands in real containers of the image. */
import type { RunTrial } from "../image/image-file.ts";
import { findEngine, type Engine as Program } from "../publish/load.ts";
import { runTool, ToolError } from "../util/run-tool.ts";
import { said, type Engine, type Outcome } from "./engine.ts";
import { outputDifference } from "./output-difference.ts";
import { loaded } from "./podman.ts";
import { unpacking } from "./runc.ts";

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
  const { onStep = () => {}, signal, limit = LIMIT } = options;
  await using engine = await someEngine(path, onStep);
  const found: string[] = [];
  for (const trial of trials) {
    signal?.throwIfAborted();
    const outcome = await engine.run(trial, { limit, signal, onStep });
    signal?.throwIfAborted();
    found.push(...judge(trial, outcome));
  }
  return found;
}

async function someEngine(path: string, onStep: (step: string) => void): Promise<Engine> {
  const program = await installed();
  if (program === "runc") return await unpacking(path);
  onStep(`loading the image into ${program}`);
  return await loaded(path, program);
}

/** What keeps images comes first: it need not unpack one for each command. */
async function installed(): Promise<Program | "runc"> {
  try {
    return await findEngine();
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
  }
  try {
    await runTool("runc", ["--version"]);
    return "runc";
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    throw new ToolError("`expect run` needs podman, docker or runc, and none of them is installed, or on PATH");
  }
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

function shortCommand(command: string[]): string {
  const line = command.map((word) => (/^[\w./:=@%+,-]+$/.test(word) ? word : JSON.stringify(word))).join(" ");
  return line.length > 80 ? `${line.slice(0, 79)}…` : line;
}
