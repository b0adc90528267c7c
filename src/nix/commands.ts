/** Nix commands whose names or options differ between versions. */
import { runTool, ToolError } from "../util/run-tool.ts";

const FEATURES = ["--extra-experimental-features", "nix-command"];

/** The output of the first form of a command that this Nix supports, trying the newest form first. */
export async function anyForm(forms: readonly string[][], args: readonly string[]): Promise<string> {
  let failed: unknown;
  for (const form of forms) {
    try {
      return await runTool("nix", [...form, ...args, ...FEATURES]);
    } catch (error) {
      if (!(error instanceof ToolError)) throw error;
      failed = error;
    }
  }
  throw failed;
}
