/** `imgc serve`: serves image directories as a registry to pull from, until interrupted. */
import { setImmediate as nextTurn } from "node:timers/promises";
import { Budget } from "../../serve/budget.ts";
import { LayerPool } from "../../serve/layer-pool.ts";
import { isLoopback, LOOPBACK, startRegistry, type Listen, type Registry } from "../../serve/server.ts";
import { WatchedRepositories } from "../../serve/repositories.ts";
import { viewForServe } from "../../serve/view.ts";
import { partsOf } from "../../image/index-directory.ts";
import { printableLine } from "../../util/printable.ts";
import { EXIT, ImgcError, messageOf } from "../../util/errors.ts";
import { onInterrupt } from "../terminal/signals.ts";
import { refuseOtherThings } from "../../app/no-image.ts";
import { requireImage } from "../../app/open-image.ts";
import { LayerProgress } from "../terminal/layer-progress.ts";

export async function serve(paths: string[], options: { listen?: string }): Promise<void> {
  const listen = options.listen === undefined ? LOOPBACK : parseListen(options.listen);
  for (const path of paths) refuseOtherThings(path, "serve");
  const parts = paths.flatMap(partsOf);
  parts.forEach(requireImage);
  const stop = onInterrupt();
  using progress = new LayerProgress(process.stderr, { isLog: true });
  const repositories = new WatchedRepositories(parts, viewForServe, (path, problem) => {
    progress.line(
      problem === undefined ? `serving the new build of ${path}` : `still serving the old build of ${path}: ${problem}`,
    );
  });
  await using pool = new LayerPool();
  await using registry = await start(repositories, pool, listen, progress);
  // Signal handlers are installed in the next turn: do not announce the address earlier.
  await nextTurn();
  process.stdout.write(`http://${registry.address}\n`);
  for (const name of repositories.names()) process.stdout.write(`  ${registry.address}/${printableLine(name)}\n`);
  if (!isLoopback(listen.host)) progress.line("anyone who can reach this address can read these images");

  await new Promise((resolve) => stop.addEventListener("abort", resolve));
  // Set the exit code now: closing may take longer than the time limit after a signal.
  process.exitCode = 0;
}

async function start(
  repositories: WatchedRepositories,
  pool: LayerPool,
  listen: Listen,
  progress: LayerProgress,
): Promise<Registry> {
  try {
    return await startRegistry(repositories, pool, {
      listen,
      budget: new Budget(),
      onLayer: (event) => {
        progress.on(event);
        if (event.kind === "damaged") progress.line(`not sent: ${event.message}`);
      },
    });
  } catch (error) {
    const message = messageOf(error);
    throw new ImgcError(EXIT.environment, `cannot listen on ${listen.host}:${listen.port}: ${message}`);
  }
}

function parseListen(text: string): Listen {
  const { host, port } = /^(?<host>\[[0-9a-fA-F:.]+\]|[^:[\]]+):(?<port>\d{1,5})$/.exec(text)?.groups ?? {};
  if (host === undefined || Number(port) > 65_535) {
    throw new ImgcError(
      EXIT.usage,
      `--listen takes an address and a port, such as 127.0.0.1:5000 or [::1]:0, not ${text}`,
    );
  }
  return { host: host.replace(/^\[|\]$/g, ""), port: Number(port) };
}
