/** Runs the tools that this project drives: skopeo, podman, docker. */
import { spawn } from "node:child_process";

/** A tool is missing or failed; the message is for the user. */
export class ToolError extends Error {}

export interface ToolOptions {
  signal?: AbortSignal | undefined;
  /** Each line of its standard output. */
  onLine?: (line: string) => void;
}

/** Runs a tool to its end, and returns what it wrote to standard output. */
export async function runTool(tool: string, args: string[], { signal, onLine }: ToolOptions = {}): Promise<string> {
  const child = spawn(tool, args, { stdio: ["ignore", "pipe", "pipe"], signal });
  let output = "";
  let errors = "";
  let line = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
    const lines = (line + text).split("\n");
    line = lines.pop() ?? "";
    lines.forEach((whole) => onLine?.(whole));
  });
  // What is shown of it is its end.
  child.stderr.setEncoding("utf8").on("data", (text: string) => (errors = (errors + text).slice(-8192)));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", (error: NodeJS.ErrnoException) => {
      const missing = `${tool} is not installed, or not on PATH; this command drives it`;
      reject(error.code === "ENOENT" ? new ToolError(missing) : error);
    });
    child.once("close", resolve);
  });
  if (code !== 0) throw new ToolError(`${tool}: ${reason(errors)}`);
  return output;
}

/** The message in the last line that a Go tool logged. */
function reason(errors: string): string {
  const last = errors.trim().split("\n").at(-1) ?? "";
  const [, quoted] = /msg=("(?:[^"\\]|\\.)*")/.exec(last) ?? [];
  if (quoted === undefined) return last || "failed without a word";
  try {
    return String(JSON.parse(quoted));
  } catch {
    return quoted;
  }
}
