/** Runs the command line, for tests without Nix. */
import { spawnSync } from "node:child_process";
import { Readable } from "node:stream";
import { setImmediate as nextTurn } from "node:timers/promises";
import { vi } from "vitest";
import { reportFailure } from "../../src/cli/failure.ts";
import { createProgram } from "../../src/cli/program.ts";
import { IMGC } from "../e2e/tools.ts";

export interface Ran {
  status: number | null;
  stdout: string;
  stderr: string;
}

export interface Surroundings {
  input?: string | Buffer;
  cwd?: string;
  /** Additional variables. */
  env?: Record<string, string>;
}

/** Runs the shipped program. */
export function run(args: string[], { input = "", cwd, env }: Surroundings = {}): Ran {
  const { status, stdout, stderr } = spawnSync(process.execPath, [IMGC, ...args], {
    input,
    cwd,
    env: { ...process.env, ...env },
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
  return { status, stdout, stderr };
}

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Runs the command line of `src` in this process. That is faster than `run`, and counts for coverage. */
export async function runHere(args: string[], { input = "", cwd, env = {} }: Surroundings = {}): Promise<Ran> {
  const output = { stdout: "", stderr: "" };
  const before = { folder: process.cwd(), exitCode: process.exitCode, stdin: process.stdin };
  const handlers = SIGNALS.map((signal) => process.listeners(signal));
  const spies = (["stdout", "stderr"] as const).map((name) =>
    vi.spyOn(process[name], "write").mockImplementation((text) => {
      output[name] += typeof text === "string" ? text : Buffer.from(text).toString();
      return true;
    }),
  );
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  Object.defineProperty(process, "stdin", { configurable: true, value: Readable.from([Buffer.from(input)]) });
  if (cwd !== undefined) process.chdir(cwd);
  process.exitCode = 0;
  try {
    await createProgram(args[0]).parseAsync(args, { from: "user" }).catch(reportFailure);
    // Commands install signal handlers in the next turn of the event loop.
    await nextTurn();
    return { status: process.exitCode, ...output };
  } finally {
    for (const spy of spies) spy.mockRestore();
    vi.unstubAllEnvs();
    Object.defineProperty(process, "stdin", { configurable: true, value: before.stdin });
    process.chdir(before.folder);
    process.exitCode = before.exitCode;
    for (const [i, signal] of SIGNALS.entries())
      for (const listener of process.listeners(signal))
        if (handlers[i]?.includes(listener) === false) process.off(signal, listener);
  }
}
