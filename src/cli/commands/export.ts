/** `imgc export`: writes images as one OCI layout or archive, or the file system of one image as a tar archive. */
import { createWriteStream, existsSync } from "node:fs";
import { fullNameOf } from "../../image/export.ts";
import type { ImageDirectory } from "../../image/image-directory.ts";
import { prepare } from "../../publish/prepare.ts";
import {
  archive,
  exportFiles,
  replace,
  rootFileSystem,
  writeFolder,
  writeStream,
  type ExportOptions,
  type Form,
  type ViewedImage,
} from "../../publish/export.ts";
import { Realiser } from "../../nix/realise.ts";
import { LayerPool } from "../../serve/layer-pool.ts";
import { sizeText } from "../../util/quantities.ts";
import type { SpecOptions } from "../../app/compile.ts";
import { EXIT, ImgcError } from "../../util/errors.ts";
import { imageArguments } from "../../app/image-argument.ts";
import { onInterrupt } from "../terminal/signals.ts";
import { Screen } from "../terminal/screen.ts";
import type { LayerBlob } from "../../serve/layer-blob.ts";
import { reporting } from "../terminal/reporter.ts";

export interface ExportCommandOptions extends Omit<SpecOptions, "image" | "images"> {
  /** The names of the wanted images of a spec; empty for its only image. */
  image: string[];
  to: Form;
  /** A file or folder; "-" is standard output. */
  output: string;
}

export async function exportImages(paths: string[], options: ExportCommandOptions): Promise<void> {
  const { to, output } = options;
  if (output === "-" && to === "oci") {
    throw new ImgcError(EXIT.usage, "an OCI layout is a folder: name it with -o, or use --to oci-archive");
  }
  if (output === "-" && process.stdout.isTTY) {
    throw new ImgcError(EXIT.usage, "cannot write an archive to a terminal: name a file with -o, or use a pipe");
  }
  if (to === "oci" && existsSync(output)) throw new ImgcError(EXIT.usage, `${output} already exists`);
  const signal = onInterrupt("nothing was written");
  const images = await givenImages(paths, options, signal);
  const names = distinctNames(images).join(", ");
  const screen = new Screen(process.stderr, () => []);
  using realiser = new Realiser({ signal });
  await using pool = new LayerPool();
  try {
    const onLayer = ({ title, size }: LayerBlob) => {
      if (process.stderr.isTTY) screen.line(`${title}: wrote ${sizeText(size)}`);
    };
    const exportOptions = { pool, onLayer };
    const stream = async () => {
      if (to !== "tar") return archive(await filesOf(to, exportOptions));
      return rootFileSystem(onlyImage(images), exportOptions, (count) =>
        screen.line(`left out ${count} devices and pipes: a container gets its own`),
      );
    };
    if (output === "-") await writeStream(await stream(), process.stdout, signal);
    else if (to === "oci") {
      const files = await filesOf(to, exportOptions);
      await replace(output, async (beside) => await writeFolder(files, beside, signal));
    } else {
      await replace(output, async (beside) => await writeStream(await stream(), createWriteStream(beside), signal));
    }
    screen.line(`wrote ${names} to ${output === "-" ? "standard output" : output}`);
  } catch (error) {
    throw explain(error, output);
  }

  async function filesOf(form: Exclude<Form, "tar">, layerOptions: ExportOptions) {
    const viewed: ViewedImage[] = [];
    for (const image of images) {
      const view = await prepare(image, pool, realiser.realise, (message) => screen.line(message));
      viewed.push({ image, view });
    }
    return exportFiles(viewed, form, layerOptions);
  }
}

async function givenImages(
  paths: string[],
  { image, ...options }: ExportCommandOptions,
  signal: AbortSignal,
): Promise<ImageDirectory[]> {
  const given = { ...options, ...(image.length > 0 ? { images: [...new Set(image)] } : {}) };
  // Fail before anything is built.
  if (options.to === "tar") onlyImage(paths.length > 1 ? paths : (given.images ?? paths));
  const images: ImageDirectory[] = [];
  for (const path of paths)
    images.push(...(await reporting(signal, async (context) => await imageArguments(path, given, context))));
  return images;
}

/** The full names of the images. They must differ: `docker load` keeps only the last image of a name. */
function distinctNames(images: ImageDirectory[]): string[] {
  const names = images.map(({ file }) => fullNameOf(file));
  const duplicate = names.find((name, i) => names.indexOf(name) !== i);
  if (duplicate === undefined) return names;
  throw new ImgcError(EXIT.usage, `two images are named ${duplicate}; give one of them another name or tag`);
}

function onlyImage<T>(images: T[]): T {
  const [image, ...others] = images;
  if (image !== undefined && others.length === 0) return image;
  throw new ImgcError(EXIT.usage, `--to tar takes one image, not ${images.length}`);
}

function explain(error: unknown, output: string): unknown {
  if (error instanceof Error && "code" in error) {
    return new ImgcError(EXIT.environment, `cannot write ${output}: ${error.message}`);
  }
  return error;
}
