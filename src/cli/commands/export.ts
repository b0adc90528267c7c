/** `imgc export`: writes images as one OCI layout or archive, or the file system of one image as a tar archive. */
import { existsSync, statSync } from "node:fs";
import type { SpecOptions } from "../../app/compile.ts";
import { distinctNames, exportImages, onlyImage } from "../../app/export.ts";
import { imageArguments } from "../../app/image-argument.ts";
import type { ImageDirectory } from "../../image/image-directory.ts";
import type { Form } from "../../publish/export.ts";
import { EXIT, ImgcError } from "../../util/errors.ts";
import { printableLine } from "../../util/printable.ts";
import { quantity, sizeText } from "../../util/quantities.ts";
import { reporting } from "../terminal/reporter.ts";
import { LayerProgress } from "../terminal/layer-progress.ts";
import { onInterrupt } from "../terminal/signals.ts";

export interface ExportCommandOptions extends Omit<SpecOptions, "image" | "images"> {
  /** The names of the wanted images of a spec; empty for its only image. */
  image: string[];
  to: Form;
  /** A file or folder; "-" is standard output. */
  output: string;
}

export async function exportCommand(paths: string[], options: ExportCommandOptions): Promise<void> {
  const { to, output } = options;
  if (output === "-" && to === "oci") {
    throw new ImgcError(EXIT.usage, "an OCI layout is a folder: name it with -o, or use --to oci-archive");
  }
  if (output === "-" && process.stdout.isTTY) {
    throw new ImgcError(EXIT.usage, "cannot write an archive to a terminal: name a file with -o, or use a pipe");
  }
  if (to !== "oci" && statSync(output, { throwIfNoEntry: false })?.isDirectory() === true)
    throw new ImgcError(EXIT.usage, `${printableLine(output)} is a folder: name a file for the archive`);
  if (to === "oci" && existsSync(output)) throw new ImgcError(EXIT.usage, `${output} already exists`);
  const signal = onInterrupt(() => "nothing was written");
  const images = await givenImages(paths, options, signal);
  const names = distinctNames(images).join(", ");
  using progress = new LayerProgress(process.stderr, { verb: "written" });
  try {
    await exportImages(images, {
      to,
      output: output === "-" ? process.stdout : output,
      signal,
      note: (message) => progress.line(message),
      onLayer: (blob) => progress.on({ kind: "done", blob }),
    });
    const { layers, bytes } = progress.total;
    progress.line(`wrote ${names} to ${output === "-" ? "standard output" : output}`);
    progress.line(`${quantity(layers, "layer")}, ${sizeText(bytes)}, ${progress.time}`);
  } catch (error) {
    throw explain(error, output);
  }
}

async function givenImages(
  paths: string[],
  { image, ...options }: ExportCommandOptions,
  signal: AbortSignal,
): Promise<ImageDirectory[][]> {
  const given = { ...options, ...(image.length > 0 ? { images: [...new Set(image)] } : {}) };
  // Fail before anything is built.
  if (options.to === "tar") onlyImage(paths.length > 1 ? paths : (given.images ?? paths));
  const images: ImageDirectory[][] = [];
  for (const path of paths)
    images.push(...(await reporting(signal, async (context) => await imageArguments(path, given, context))));
  return images;
}

function explain(error: unknown, output: string): unknown {
  if (error instanceof Error && "code" in error) {
    return new ImgcError(EXIT.environment, `cannot write ${output}: ${error.message}`);
  }
  return error;
}
