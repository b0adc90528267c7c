/** Runs the tools that this project drives: nix, skopeo, podman, docker, runc. */
import { spawn } from "node:child_process";
import { pipeline } from "node:stream/promises";
import { EXIT, ImgcError } from "./errors.ts";

/** A tool is missing or failed; the message is for the user. */
export class ToolError extends ImgcError {
  constructor(message: string) {
    super(EXIT.environment, message);
  }
}

export interface ToolOptions {
  signal?: AbortSignal | undefined;
  /** What the tool reads from standard input. */
  input?: string | AsyncIterable<Uint8Array>;
  env?: Record<string, string>;
  /** Each line of its standard output. */
  onLine?: (line: string) => void;
  /** Each line of its standard error. */
  onErrorLine?: (line: string) => void;
}

/** What happens to a writer whose reader has gone. */
const CLOSED = new Set(["EPIPE", "ECONNRESET", "ERR_STREAM_PREMATURE_CLOSE"]);

/** Runs a tool to its end, and returns what it wrote to standard output. */
export async function runTool(tool: string, args: string[], options: ToolOptions = {}): Promise<string> {
  const { signal, input = "", env, onLine, onErrorLine } = options;
  const child = spawn(tool, args, {
    stdio: ["pipe", "pipe", "pipe"],
    signal,
    env: { ...process.env, ...env },
  });
  let output = "";
  let errors = "";
  const out = lines(onLine);
  const err = lines(onErrorLine);
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
    out.push(text);
  });
  // What is shown of it is its end.
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    errors = (errors + text).slice(-8192);
    err.push(text);
  });
  let failed: unknown;
  const fed = pipeline(typeof input === "string" ? [input] : input, child.stdin).catch((error: unknown) => {
    // A tool that ends before it has read everything says why by its exit code.
    if (CLOSED.has((error as NodeJS.ErrnoException).code ?? "")) return;
    failed = error;
    child.kill();
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", (error: NodeJS.ErrnoException) => {
      // Told to stop, it may have something to put in order first: what it uses stays until it has ended.
      if (error.name === "AbortError") failed = error;
      else if (error.code !== "ENOENT" && error.code !== "EACCES") reject(error);
      else reject(new ToolError(`${tool} is not installed, or not on PATH; this command drives it`));
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

/** Hands on whole lines of a text that comes in pieces. */
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

/** A hint below the error, in the form of the GNU coding standards. */
const HINT = /^Try '[^']+' for more information\.?$/;

/** The last line that a tool wrote; of a Go tool's line, the message in it. */
function reason(errors: string): string {
  const last =
    errors
      .trim()
      .split("\n")
      .findLast((line) => !HINT.test(line)) ?? "";
  const [, quoted] = /msg=("(?:[^"\\]|\\.)*")/.exec(last) ?? [];
  if (quoted === undefined) return last || "failed without a word";
  try {
    return String(JSON.parse(quoted));
  } catch {
    return quoted;
  }
}
