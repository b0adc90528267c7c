/** Commands of Nix whose names or options changed from version to version. */
import { runTool, ToolError } from "../tool/run.ts";

const FEATURES = ["--extra-experimental-features", "nix-command"];

/** What the first of several forms of a command prints that this Nix knows, the newest form first. */
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
