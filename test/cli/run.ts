/** Runs the shipped command line, for tests without Nix. */
import { spawnSync } from "node:child_process";
import { IMGC } from "../e2e/tools.ts";

export interface Ran {
  status: number | null;
  stdout: string;
  stderr: string;
}

export interface Surroundings {
  input?: string;
  cwd?: string;
  /** Additional variables. */
  env?: Record<string, string>;
}

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
