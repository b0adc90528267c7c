/** Runs imgc in another process, for the language server. */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { EXIT } from "../util/errors.ts";

/** Passes on the lines of standard output and standard error. Resolves to the exit code. */
export async function runImgc(args: string[], folder: string, onLine: (line: string) => void): Promise<number> {
  const child = spawn(process.execPath, args, { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
  const outputs = [child.stdout, child.stderr].map(async (input) => {
    for await (const line of createInterface({ input })) onLine(line);
  });
  const ended = new Promise<number>((resolve) => {
    child.once("error", (error) => {
      onLine(error.message);
      resolve(EXIT.environment);
    });
    child.once("close", (code) => resolve(code ?? EXIT.environment));
  });
  await Promise.all(outputs);
  return await ended;
}
