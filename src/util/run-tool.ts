/** Runs the tools that this project drives: nix, skopeo, podman, docker, runc. */
import { spawn, type ChildProcess } from "node:child_process";
import type { Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { endProcesses } from "./end-processes.ts";
import { EXIT, ImgcError } from "./errors.ts";

/** A tool is missing or failed. */
export class ToolError extends ImgcError {
  constructor(message: string) {
    super(EXIT.environment, message);
  }
}

export interface ToolOptions {
  signal?: AbortSignal | undefined;
  /** The tool's standard input. */
  input?: string | AsyncIterable<Uint8Array>;
  env?: Record<string, string>;
  /** Called for each line of standard output. */
  onLine?: (line: string) => void;
  /** Called for each line of standard error. */
  onErrorLine?: (line: string) => void;
}

/** Called before a tool starts: a signal must not end this process without its tools. */
export const beforeTools = new Set<() => void>();

/** The tools that run now. */
const running = new Set<ChildProcess>();

/** Ends all tools that run, for a command that ends at once. */
export function endTools(): void {
  for (const { pid } of running) if (pid !== undefined) endProcesses(pid);
}

/** Error codes of a write to a closed pipe. */
const CLOSED = new Set(["EPIPE", "ECONNRESET", "ERR_STREAM_PREMATURE_CLOSE"]);

/** Runs a tool; returns its standard output. Throws a ToolError if it fails. */
export async function runTool(tool: string, args: string[], options: ToolOptions = {}): Promise<string> {
  const { signal, input = "", env, onLine, onErrorLine } = options;
  for (const prepare of beforeTools) prepare();
  const child = spawn(tool, args, {
    stdio: ["pipe", "pipe", "pipe"],
    signal,
    env: { ...process.env, ...env },
  });
  running.add(child);
  child.once("close", () => running.delete(child)).once("error", () => running.delete(child));
  let output = "";
  let errors = "";
  const out = lines(onLine);
  const err = lines(onErrorLine);
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
    out.push(text);
  });
  // Messages show only the end of standard error.
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    errors = (errors + text).slice(-8192);
    err.push(text);
  });
  let failed: unknown;
  const fed = feed(child.stdin, input).catch((error: unknown) => {
    // The tool exited before it read all of its input; its exit code tells why.
    if (CLOSED.has((error as NodeJS.ErrnoException).code ?? "")) return;
    failed = error;
    child.kill();
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", (error: NodeJS.ErrnoException) => {
      // After an abort, wait until the tool has cleaned up: it still uses its files.
      if (error.name === "AbortError") failed = error;
      else if (error.code !== "ENOENT" && error.code !== "EACCES") reject(error);
      else reject(new ToolError(`${tool} is not installed or not on PATH, but this command needs it`));
    });
    child.once("close", resolve);
  });
  await fed;
  if (failed !== undefined) throw failed;
  out.end();
  err.end();
  if (code !== 0) throw new ToolError(`${tool}: ${reason(errors)}`);
  return output;
}

/** Writes and ends a tool's standard input. A text is written at once, so that the caller may block the event loop. */
async function feed(stdin: Writable, input: string | AsyncIterable<Uint8Array>): Promise<void> {
  if (typeof input !== "string") return await pipeline(input, stdin);
  await new Promise<void>((resolve, reject) => {
    stdin.on("error", reject).end(input, resolve);
  });
}

/** Splits pieces of text into lines. */
function lines(onLine: (line: string) => void = () => {}) {
  let rest = "";
  return {
    push(text: string): void {
      const all = (rest + text).split("\n");
      rest = all.pop() ?? "";
      all.forEach((line) => onLine(line));
    },
    end(): void {
      if (rest !== "") onLine(rest);
    },
  };
}

/** A line that GNU programs print below an error. */
const HINT = /^Try '[^']+' for more information\.?$/;

/** The last line of a tool's standard error. If it is a log line of a Go program, only its message. */
function reason(errors: string): string {
  const last =
    errors
      .trim()
      .split("\n")
      .findLast((line) => !HINT.test(line)) ?? "";
  const [, quoted] = /msg=("(?:[^"\\]|\\.)*")/.exec(last) ?? [];
  if (quoted === undefined) return last || "failed without a message";
  try {
    return String(JSON.parse(quoted));
  } catch {
    return quoted;
  }
}
