/** `expect run`: runs commands in containers of the image. */
import type { ExpectedRun } from "../image/image-file.ts";
import { findEngine, type Engine as Program } from "../publish/load.ts";
import { runTool, ToolError } from "../util/run-tool.ts";
import { endOfStderr, type Engine, type Outcome } from "./engine.ts";
import { outputDifference } from "./output-difference.ts";
import { loaded } from "./podman.ts";
import { unpacking } from "./runc.ts";

/** The default time limit of a command in milliseconds. */
const LIMIT = 5 * 60_000;

export interface ExpectedRunOptions {
  onStep?: (step: string) => void;
  signal?: AbortSignal;
  /** The time limit of each command in milliseconds. */
  limit?: number;
}

/** Runs the commands, and returns a finding for each unmet expectation. */
export async function checkExpectedRuns(
  path: string,
  runs: ExpectedRun[],
  options: ExpectedRunOptions = {},
): Promise<string[]> {
  const { onStep = () => {}, signal, limit = LIMIT } = options;
  await using engine = await someEngine(path, onStep);
  const found: string[] = [];
  for (const expected of runs) {
    signal?.throwIfAborted();
    const outcome = await engine.run(expected, { limit, signal, onStep });
    signal?.throwIfAborted();
    found.push(...judge(expected, outcome));
  }
  return found;
}

async function someEngine(path: string, onStep: (step: string) => void): Promise<Engine> {
  const program = await installed();
  if (program === "runc") return await unpacking(path);
  onStep(`loading the image into ${program}`);
  return await loaded(path, program);
}

/**
 * Finds an installed engine. podman and docker come first: with runc, imgc has to unpack the image for each command.
 */
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
    throw new ToolError("`expect run` needs podman, docker or runc, but none of them is on PATH");
  }
}

function judge({ command, exit, stdout }: ExpectedRun, outcome: Outcome): string[] {
  const expectation = `expect run ${shortCommand(command)}`;
  if (outcome.stopped !== undefined) {
    const advice = "use a command that ends, such as one that prints a server's version";
    return [`${expectation}: stopped after ${outcome.stopped / 1000} s; ${advice}`];
  }
  const stderr = outcome.stderr.trim() === "" ? "" : `; stderr: ${endOfStderr(outcome)}`;
  const isPrinted = stdout === null || outcome.stdout === stdout;
  return [
    ...(outcome.exit === exit ? [] : [`${expectation}: exit code ${outcome.exit}, expected ${exit}${stderr}`]),
    ...(isPrinted ? [] : [`${expectation}: ${outputDifference(stdout, outcome.stdout)}`]),
  ];
}

function shortCommand(command: string[]): string {
  const line = command.map((word) => (/^[\w./:=@%+,-]+$/.test(word) ? word : JSON.stringify(word))).join(" ");
  return line.length > 80 ? `${line.slice(0, 79)}…` : line;
}
