/** Runs commands of imgc in a pseudo-terminal, as a user would, and keeps what they print. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface Recorded {
  command: string;
  /** With escape sequences for colours, and LF as line ends. */
  output: string;
}

/** Wide enough for the longest message of the recording. */
export const COLUMNS = 110;

/** A description with a mode without a leading zero, a misspelt setting, and a port out of range. */
const DESCRIPTION = `image "shop/api" {
  packages [ python3 ]
  files {
    "/app"         copy ./src
    "/var/lib/api" directory { mode 750 owner 1000:1000 }
  }
  config {
    entrypont [ "/bin/python3" "/app/api.py" ]
    expose [ 80800/tcp ]
    user "1000:1000"
  }
}
`;

const COMMANDS = ["imgc check shop.imgspec", "imgc check --fix shop.imgspec"];

const IMGC = join(import.meta.dirname, "../../bin/imgc.mjs");

/** `imgc check` with and without `--fix`, one after the other in the same folder. */
export function recordCheck(): Recorded[] {
  const folder = mkdtempSync(join(tmpdir(), "imgc-recording-"));
  try {
    mkdirSync(join(folder, "src"));
    writeFileSync(join(folder, "shop.imgspec"), DESCRIPTION);
    return COMMANDS.map((command) => ({ command, output: inTerminal(command, folder) }));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** `script` runs the shell in a pseudo-terminal. */
function inTerminal(command: string, folder: string): string {
  const imgc = `imgc() { "${process.execPath}" "${IMGC}" "$@"; }`;
  const shell = `stty cols ${COLUMNS} rows 50; ${imgc}; ${command}; exit 0`;
  const { NO_COLOR: _, FORCE_COLOR: __, ...env } = process.env;
  const options = { cwd: folder, env: { ...env, TERM: "xterm-256color", SHELL: "/bin/sh" }, encoding: "utf8" } as const;
  return execFileSync("script", ["--quiet", "--command", shell, "/dev/null"], options).replaceAll("\r\n", "\n");
}
