/** Commands of podman and docker about all images of the engine. */
import { setTimeout as sleep } from "node:timers/promises";
import { runTool, ToolError } from "../util/run-tool.ts";

/** Milliseconds before each repetition. */
const DELAYS = [50, 200, 500, 1000, 2000];

/**
 * Runs an engine's command that pulls, lists or removes images. podman, and skopeo with podman's storage, read other images for
 * these commands, and fail if another process removes one of them meanwhile. So a failed command is repeated while `mayRepeat`
 * is true.
 */
export async function onImages(
  engine: string,
  args: string[],
  delays: readonly number[] = DELAYS,
  mayRepeat: () => boolean = () => true,
): Promise<string> {
  for (const delay of delays) {
    try {
      return await runTool(engine, args);
    } catch (error) {
      if (!(error instanceof ToolError) || !mayRepeat()) throw error;
      await sleep(delay);
    }
  }
  return await runTool(engine, args);
}
