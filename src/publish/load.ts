/** Loads an image into podman or docker: the engine pulls from a local registry view of the image. */
import { once } from "node:events";
import { connect } from "node:net";
import { fullNameOf, tarOf, type Called } from "../image/export.ts";
import type { ImageDirectory } from "../image/image-directory.ts";
import { isDestination } from "../oci/destination.ts";
import { ImageError } from "../oci/image-error.ts";
import { plainView } from "../serve/view.ts";
import { runTool, ToolError } from "../util/run-tool.ts";
import { onImages } from "./engine-images.ts";
import { exportFiles } from "./export.ts";
import { withRegistry, type ViewOptions } from "./registry.ts";

const ENGINES = ["podman", "docker"] as const;
export type Engine = (typeof ENGINES)[number];

/** The name of the repository from which engines pull, on this machine's loopback address. */
const REPOSITORY = "imgc-load";

/** Milliseconds before each repetition of a pull. */
const PULL_DELAYS = [200, 1000];

/** The first installed engine. */
export async function findEngine(): Promise<Engine> {
  for (const engine of ENGINES) {
    try {
      await runTool(engine, ["--version"]);
      return engine;
    } catch (error) {
      if (!(error instanceof ToolError)) throw error;
    }
  }
  throw new ToolError("neither podman nor docker is on PATH; install one of them to load or run images");
}

export type LoadOptions = ViewOptions & {
  /** Called if the engine could not pull from this machine, so that all layers were sent. */
  note?: (message: string) => void;
};

/**
 * Loads the image under the name `called`. The engine knows its layers by their diff IDs, and asks only for missing
 * layers.
 */
export async function load(image: ImageDirectory, called: Called, engine: Engine, options: LoadOptions): Promise<void> {
  const name = fullNameOf(called);
  // An engine would take a name that starts with a dash as an option.
  if (!isDestination(name)) throw new ImageError(`${image.path}: ${name} is not a valid name and tag of an image`);
  let asked = false;
  const onRequest = () => {
    asked = true;
  };
  const view = plainView(image);
  try {
    await withRegistry({ ...view, repository: REPOSITORY }, { ...options, onRequest }, async (registry, signal) => {
      const source = `${registry.address}/${REPOSITORY}:${view.tag}`;
      // Docker always allows plain HTTP for loopback addresses.
      const insecure = engine === "podman" ? ["--tls-verify=false"] : [];
      // Without `signal`: a killed engine would leave temporary files. After an interruption, the registry answers as
      // if it were empty, so the engine soon fails.
      const pull = ["pull", "--quiet", ...insecure, source];
      await onImages(engine, pull, PULL_DELAYS, () => asked && !signal.aborted);
      try {
        if (!signal.aborted) await runTool(engine, ["tag", source, name]);
      } finally {
        // The image name with this server's address.
        await onImages(engine, ["rmi", source]);
        await removeLeftovers(engine);
      }
      signal.throwIfAborted();
    });
  } catch (error) {
    if (asked || !(error instanceof ToolError)) throw error;
    // A daemon on another machine, or in a virtual machine, cannot reach this loopback address. Its client can still
    // send an archive.
    await sendArchive(image, called, engine, options);
    options.note?.(`${engine} could not pull from this machine, so all layers were sent: ${error.message}`);
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

/**
 * Removes the image names that killed loads left. A failure is ignored: another load may have removed the name meanwhile,
 * and the next load tries again.
 */
async function removeLeftovers(engine: Engine): Promise<void> {
  for (const name of await leftovers(engine)) {
    try {
      await runTool(engine, ["rmi", name]);
    } catch (error) {
      if (!(error instanceof ToolError)) throw error;
    }
  }
}

/** Image names with the address of a server that has exited. */
async function leftovers(engine: Engine): Promise<string[]> {
  const filter = `reference=127.0.0.1:*/${REPOSITORY}`;
  const listed = await onImages(engine, ["images", "--filter", filter, "--format", "{{.Repository}}:{{.Tag}}"]);
  // The engine lists all names of a matching image, not only the matching names.
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
