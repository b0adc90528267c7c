/** `imgc load`: loads an image into podman or docker, and moves only the missing layers. */
import type { SpecOptions } from "../../app/compile.ts";
import { formsArgument } from "../../app/image-argument.ts";
import { loadImage, type LoadedImage } from "../../app/load.ts";
import type { Engine } from "../../publish/load.ts";
import { printableLine } from "../../util/printable.ts";
import { quantity, sizeText } from "../../util/quantities.ts";
import { LayerProgress } from "../terminal/layer-progress.ts";
import { reporting } from "../terminal/reporter.ts";
import { onInterrupt } from "../terminal/signals.ts";

export interface LoadCommandOptions extends SpecOptions {
  into?: Engine;
}

export async function load(path: string, options: LoadCommandOptions): Promise<void> {
  const { name } = await loadWithProgress(path, options, onInterrupt());
  process.stdout.write(`${printableLine(name)}\n`);
}

/** Loads the image, and prints the progress. */
export async function loadWithProgress(
  path: string,
  { into, ...options }: LoadCommandOptions,
  signal: AbortSignal,
): Promise<LoadedImage> {
  const forms = await reporting(signal, async (context) => await formsArgument(path, options, context));
  using progress = new LayerProgress(process.stderr, { verb: "moved" });
  const loaded = await loadImage(forms, into, {
    signal,
    onLayer: progress.on,
    note: (message) => progress.line(message),
  });
  const { layers, bytes } = progress.total;
  const moved = `${layers} of ${quantity(forms[0]?.layers.length ?? 0, "layer")} moved`;
  progress.title(`${loaded.engine} has ${loaded.name}`);
  progress.line(`${moved}${layers > 0 ? `, ${sizeText(bytes)}` : ""}, ${progress.time}`);
  return loaded;
}
