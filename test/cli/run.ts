/** The command line as it is shipped, for tests that need no Nix. */
import { spawnSync } from "node:child_process";
import { IMGC } from "../e2e/tools.ts";

export interface Ran {
  status: number | null;
  stdout: string;
  stderr: string;
}

export function run(args: string[], { input = "", cwd }: { input?: string; cwd?: string } = {}): Ran {
  const { status, stdout, stderr } = spawnSync(process.execPath, [IMGC, ...args], {
    input,
    cwd,
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
  return { status, stdout, stderr };
}
