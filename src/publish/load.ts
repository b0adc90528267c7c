/** Puts an image where containers are run on this machine: podman or docker pulls from a registry view of it. */
import type { View } from "../serve/view.ts";
import { runTool, ToolError } from "../tool/run.ts";
import { withRegistry, type ViewOptions } from "./registry.ts";

export const ENGINES = ["podman", "docker"] as const;
export type Engine = (typeof ENGINES)[number];

/** The first that is installed. */
export async function findEngine(): Promise<Engine> {
  for (const engine of ENGINES) {
    try {
      await runTool(engine, ["--version"]);
      return engine;
    } catch (error) {
      if (!(error instanceof ToolError)) throw error;
    }
  }
  throw new ToolError("neither podman nor docker is installed, or on PATH; an image is loaded into one of them");
}

/**
 * Afterwards the engine has the image as `name` (`shop/api:v1`). It asks for those layers only that it has not, which it
 * knows by their uncompressed digests: `view` is best a plain one.
 */
export async function load(view: View, name: string, engine: Engine, options: ViewOptions): Promise<void> {
  await withRegistry(view, options, async (registry, signal) => {
    const source = `${registry.address}/${view.repository}:${view.tag}`;
    // Docker takes plain HTTP from this machine's own address anyway.
    const insecure = engine === "podman" ? ["--tls-verify=false"] : [];
    await runTool(engine, ["pull", "--quiet", ...insecure, source], { signal });
    await runTool(engine, ["tag", source, name], { signal });
    // The address means nothing once this server is gone.
    await runTool(engine, ["rmi", source], { signal });
  });
}
