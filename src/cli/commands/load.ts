/** `imgc load`: loads an image into podman or docker, and moves only the missing layers. */
import { fullNameOf } from "../../image/export.ts";
import { findEngine, load as loadInto, type Engine } from "../../publish/load.ts";
import { Realiser } from "../../nix/realise.ts";
import { LayerPool } from "../../serve/layer-pool.ts";
import { printableLine } from "../../util/printable.ts";
import { sizeText, quantity } from "../../util/quantities.ts";
import type { SpecOptions } from "../../app/compile.ts";
import { imageArgument } from "../../app/image-argument.ts";
import { onInterrupt } from "../terminal/signals.ts";
import { LayerProgress } from "../terminal/layer-progress.ts";
import { reporting } from "../terminal/reporter.ts";

export interface LoadCommandOptions extends SpecOptions {
  into?: Engine;
}

export async function load(path: string, options: LoadCommandOptions): Promise<void> {
  const { name } = await loaded(path, options, onInterrupt());
  process.stdout.write(`${printableLine(name)}\n`);
}

/** Loads the image; returns the engine, and the image's name in it. */
export async function loaded(
  path: string,
  options: LoadCommandOptions,
  signal: AbortSignal,
): Promise<{ engine: Engine; name: string }> {
  const image = await reporting(signal, async (context) => await imageArgument(path, options, context));
  using realiser = new Realiser({ signal });
  await using pool = new LayerPool();
  using progress = new LayerProgress(process.stderr);
  const engine = options.into ?? (await findEngine());
  const name = fullNameOf(image.file);
  const note = (message: string) => progress.line(message);
  const loadOptions = { pool, signal, onLayer: progress.on, realise: realiser.realise, note };
  await loadInto(image, image.file, engine, loadOptions);
  const { layers, bytes: sum } = progress.total;
  const all = image.layers.length;
  progress.line(
    `${engine} has ${name}: ${layers} of ${quantity(all, "layer")} moved${layers > 0 ? `, ${sizeText(sum)}` : ""}`,
  );
  return { engine, name };
}
