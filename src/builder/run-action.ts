/** Does what the first argument names. */
import { ImageError } from "../image/read.ts";
import { BuildError } from "./attributes.ts";

export async function runAction(actions: Record<string, () => Promise<void> | void>): Promise<void> {
  try {
    const action = actions[process.argv[2] ?? ""];
    if (action === undefined) throw new BuildError(`no such action: ${process.argv[2]}`);
    await action();
  } catch (error) {
    process.stderr.write(`imgc: ${words(error)}\n`);
    process.exitCode = 1;
  }
}

/** A user's mistake is a message; anything else keeps its stack for a bug report. */
function words(error: unknown): string {
  if (error instanceof BuildError || error instanceof ImageError) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
