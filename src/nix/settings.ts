/** Nix's settings, from its files, environment and options. */
import * as z from "zod/mini";
import { ToolError } from "../util/run-tool.ts";
import { anyForm } from "./commands.ts";

const Settings = z.record(z.string(), z.looseObject({ value: z.unknown() }));

/** All settings by name; empty if Nix cannot list them. */
export async function nixSettings(options: string[]): Promise<Map<string, unknown>> {
  try {
    const json = await anyForm([["config", "show"], ["show-config"]], ["--json", ...options]);
    return new Map(Object.entries(Settings.parse(JSON.parse(json))).map(([name, { value }]) => [name, value]));
  } catch (error) {
    if (error instanceof ToolError) return new Map();
    throw error;
  }
}
