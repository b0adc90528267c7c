/** What Nix is set to, by its files, its environment and options. */
import * as z from "zod/mini";
import { runTool, ToolError } from "../tool/run.ts";

const Settings = z.record(z.string(), z.looseObject({ value: z.unknown() }));

/** The values of all settings, by name; none where Nix cannot say. */
export async function nixSettings(options: string[]): Promise<Map<string, unknown>> {
  const features = ["--extra-experimental-features", "nix-command"];
  // The first is its name since Nix 2.20.
  for (const command of [["config", "show"], ["show-config"]]) {
    try {
      const json = await runTool("nix", [...command, "--json", ...options, ...features]);
      return new Map(Object.entries(Settings.parse(JSON.parse(json))).map(([name, { value }]) => [name, value]));
    } catch (error) {
      if (!(error instanceof ToolError)) throw error;
    }
  }
  return new Map();
}
