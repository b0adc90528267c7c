/** Puts an image where containers are run on this machine: podman or docker pulls from a registry view of it. */
import { tarOf, type Called } from "../image/export.ts";
import type { ImageDirectory } from "../image/read.ts";
import { plainView } from "../serve/view.ts";
import { runTool, ToolError } from "../tool/run.ts";
import { exportFiles } from "./export.ts";
import { written } from "./reference.ts";
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

export type LoadOptions = ViewOptions & {
  /** Is told where the engine cannot ask for the layers that it lacks, so that it gets all of them. */
  note?: (message: string) => void;
};

/**
 * Afterwards the engine has the image, and calls it so. It asks for those layers only that it has not, which it knows by their
 * uncompressed digests.
 */
export async function load(image: ImageDirectory, called: Called, engine: Engine, options: LoadOptions): Promise<void> {
  let asked = false;
  const onRequest = () => {
    asked = true;
  };
  const view = plainView(image);
  try {
    await withRegistry(view, { ...options, onRequest }, async (registry, signal) => {
      const source = `${registry.address}/${view.repository}:${view.tag}`;
      // Docker takes plain HTTP from this machine's own address anyway.
      const insecure = engine === "podman" ? ["--tls-verify=false"] : [];
      await runTool(engine, ["pull", "--quiet", ...insecure, source], { signal });
      await runTool(engine, ["tag", source, written(called)], { signal });
      // The address means nothing once this server is gone.
      await runTool(engine, ["rmi", source], { signal });
    });
  } catch (error) {
    if (asked || !(error instanceof ToolError)) throw error;
    // A daemon on another machine, or in a virtual one, does not see this one's loopback; what its client reads, it gets.
    await sendArchive(image, called, engine, options);
    options.note?.(
      `${engine} could not ask this machine for what it lacks, so it was sent all layers: ${error.message}`,
    );
  }
}

async function sendArchive(
  image: ImageDirectory,
  called: Called,
  engine: Engine,
  { pool, signal, onLayer = () => {} }: LoadOptions,
): Promise<void> {
  const named = { ...image, file: { ...image.file, ...called } };
  const files = exportFiles(named, plainView(image), "docker-archive", {
    pool,
    onLayer: (blob) => onLayer({ kind: "done", blob }),
  });
  await runTool(engine, ["load", "--quiet"], { signal, input: tarOf(files) });
}
