/** `imgc serve`: a registry to pull from, over image directories, until it is interrupted. */
import { Budget } from "../../serve/budget.ts";
import { LayerPool } from "../../serve/layer-pool.ts";
import { isLoopback, LOOPBACK, startRegistry, type Listen, type Registry } from "../../serve/server.ts";
import { WatchedShelf } from "../../serve/repositories.ts";
import { viewForServe } from "../../serve/view.ts";
import { partsOf } from "../../image/index-directory.ts";
import { printableLine } from "../../util/printable.ts";
import { EXIT, ImgcError } from "../../util/errors.ts";
import { onInterrupt } from "../terminal/signals.ts";
import { requireImage } from "../../app/open-image.ts";
import { LayerProgress } from "../terminal/layer-progress.ts";

export async function serve(paths: string[], options: { listen?: string }): Promise<void> {
  const listen = options.listen === undefined ? LOOPBACK : parseListen(options.listen);
  const parts = paths.flatMap(partsOf);
  parts.forEach(requireImage);
  const stop = onInterrupt();
  const progress = new LayerProgress(process.stderr);
  const shelf = new WatchedShelf(parts, viewForServe, (path, problem) => {
    progress.line(problem === undefined ? `${path} was built again` : `${path} stays as it was: ${problem}`);
  });
  const pool = new LayerPool();
  const registry = await start(shelf, pool, listen, progress);
  process.stdout.write(`http://${registry.address}\n`);
  for (const name of shelf.names()) process.stdout.write(`  ${registry.address}/${printableLine(name)}\n`);
  if (!isLoopback(listen.host)) progress.line("anyone who can reach this address can read these images");

  await new Promise((resolve) => stop.addEventListener("abort", resolve));
  progress.end();
  await registry.close();
  await pool.close();
}

async function start(shelf: WatchedShelf, pool: LayerPool, listen: Listen, progress: LayerProgress): Promise<Registry> {
  try {
    return await startRegistry(shelf, pool, {
      listen,
      budget: new Budget(),
      onLayer: (event) => {
        progress.on(event);
        if (event.kind === "damaged") progress.line(`not sent: ${event.message}`);
      },
    });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new ImgcError(EXIT.environment, `cannot listen on ${listen.host}:${listen.port}: ${message}`);
  }
}

function parseListen(text: string): Listen {
  const { host, port } = /^(?<host>\[[0-9a-fA-F:.]+\]|[^:[\]]+):(?<port>\d{1,5})$/.exec(text)?.groups ?? {};
  if (host === undefined || Number(port) > 65_535) {
    throw new ImgcError(
      EXIT.usage,
      `--listen wants an address and a port, such as 127.0.0.1:5000 or [::1]:0, not ${text}`,
    );
  }
  return { host: host.replace(/^\[|\]$/g, ""), port: Number(port) };
}
