/** Puts an image where containers are run on this machine: podman or docker pulls from a registry view of it. */
import { once } from "node:events";
import { connect } from "node:net";
import { fullNameOf, tarOf, type Called } from "../image/export.ts";
import type { ImageDirectory } from "../image/image-directory.ts";
import { plainView } from "../serve/view.ts";
import { runTool, ToolError } from "../util/run-tool.ts";
import { exportFiles } from "./export.ts";
import { withRegistry, type ViewOptions } from "./registry.ts";

const ENGINES = ["podman", "docker"] as const;
export type Engine = (typeof ENGINES)[number];

/** Where images are pulled from: a repository that nobody else has on this machine's own address. */
const REPOSITORY = "imgc-load";

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
    await withRegistry({ ...view, repository: REPOSITORY }, { ...options, onRequest }, async (registry, signal) => {
      const source = `${registry.address}/${REPOSITORY}:${view.tag}`;
      // Docker takes plain HTTP from this machine's own address anyway.
      const insecure = engine === "podman" ? ["--tls-verify=false"] : [];
      // Not ended by force, which would leave what it has so far in a temporary folder: without a source it soon gives up.
      await runTool(engine, ["pull", "--quiet", ...insecure, source]);
      try {
        if (!signal.aborted) await runTool(engine, ["tag", source, fullNameOf(called)]);
      } finally {
        // The address means nothing once this server is gone. Nor do those of loads that were killed here.
        await runTool(engine, ["rmi", source, ...(await leftovers(engine))]);
      }
      signal.throwIfAborted();
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
  const files = exportFiles([{ image: named, view: plainView(image) }], "docker-archive", {
    pool,
    onLayer: (blob) => onLayer({ kind: "done", blob }),
  });
  await runTool(engine, ["load", "--quiet"], { signal, input: tarOf(files) });
}

/** Names whose server is gone. */
async function leftovers(engine: Engine): Promise<string[]> {
  const filter = `reference=127.0.0.1:*/${REPOSITORY}`;
  const listed = await runTool(engine, ["images", "--filter", filter, "--format", "{{.Repository}}:{{.Tag}}"]);
  // An image is listed with all its names.
  const pattern = new RegExp(`^127\\.0\\.0\\.1:(\\d+)/${REPOSITORY}:.*$`, "gm");
  const found = [...listed.matchAll(pattern)];
  const live = await Promise.all(found.map(async ([, port]) => await answers(Number(port))));
  return found.flatMap(([name], i) => (live[i] === true ? [] : [name]));
}

async function answers(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
