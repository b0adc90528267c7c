/** Writes images as a layout or an archive, or the file system of one image as a tar archive. */
import type { Writable } from "node:stream";
import { fullNameOf } from "../image/export.ts";
import { defaultTag } from "../image/index-tag.ts";
import type { ImageDirectory } from "../image/image-directory.ts";
import { Realiser } from "../nix/realise.ts";
import {
  archive,
  exportFiles,
  replace,
  rootFileSystem,
  writeFolder,
  writeStream,
  type Form,
  type ViewedImage,
} from "../publish/export.ts";
import { prepare } from "../publish/prepare.ts";
import type { LayerBlob } from "../serve/layer-blob.ts";
import { LayerPool } from "../serve/layer-pool.ts";
import { EXIT, ImgcError } from "../util/errors.ts";
import { writeToFile } from "../util/write-to-file.ts";

interface ExportRequest {
  to: Form;
  /** A file or folder to replace, or a stream. */
  output: string | Writable;
  signal: AbortSignal;
  note: (message: string) => void;
  onLayer: (blob: LayerBlob) => void;
}

/** `images`: the forms of each image. A Docker archive and a tar archive are made from the first form. */
export async function exportImages(images: ImageDirectory[][], request: ExportRequest): Promise<void> {
  const { to, output, signal, note, onLayer } = request;
  using realiser = new Realiser({ signal });
  await using pool = new LayerPool();
  const options = { pool, onLayer };
  const viewsOf = async (forms: ImageDirectory[]) => {
    const viewed: ViewedImage[] = [];
    for (const image of forms) viewed.push({ image, view: await prepare(image, pool, realiser.realise, note) });
    return viewed;
  };
  const filesOf = async (form: Exclude<Form, "tar">) => {
    const viewed: ViewedImage[] = [];
    for (const forms of images) {
      const [first, ...others] = await viewsOf(form === "docker-archive" ? forms.slice(0, 1) : forms);
      const { image, view } = first as ViewedImage;
      // A layout gets the tag of the index that it lists.
      const file = form === "docker-archive" ? { ...image.file, tag: defaultTag(forms) } : image.file;
      viewed.push({ image: { ...image, file }, view, otherForms: others });
    }
    return exportFiles(viewed, form, options);
  };
  const stream = async () => {
    if (to !== "tar") return archive(await filesOf(to));
    return rootFileSystem(onlyImage(images)[0] as ImageDirectory, options, (count) =>
      note(`left out ${count} devices and pipes; a container gets only the standard devices in /dev`),
    );
  };
  if (typeof output !== "string") await writeStream(await stream(), output, signal);
  else if (to === "oci") {
    const files = await filesOf(to);
    await replace(output, async (beside) => await writeFolder(files, beside, signal));
  } else {
    await replace(output, async (beside) => await writeToFile(await stream(), beside, signal));
  }
}

/** The full names of the images. They must differ: `docker load` keeps only the last image of a name. */
export function distinctNames(images: ImageDirectory[][]): string[] {
  const names = images.map((forms) => {
    const [{ file }] = forms as [ImageDirectory];
    return fullNameOf({ name: file.name, tag: defaultTag(forms) });
  });
  const duplicate = names.find((name, i) => names.indexOf(name) !== i);
  if (duplicate === undefined) return names;
  throw new ImgcError(EXIT.usage, `two images are named ${duplicate}; give one of them another name or tag`);
}

export function onlyImage<T>(images: T[]): T {
  const [image, ...others] = images;
  if (image !== undefined && others.length === 0) return image;
  throw new ImgcError(EXIT.usage, `--to tar takes one image, not ${images.length}`);
}
