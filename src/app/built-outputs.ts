/** Reads the outputs of builds: image directories, and indexes of them. */
import { isIndexDirectory, readIndexDirectory } from "../image/index-directory.ts";
import { formIn, type FormName, type IndexPart } from "../image/index-entries.ts";
import { indexTag } from "../image/index-tag.ts";
import { isImageDirectory, readImageDirectory, type ImageDirectory } from "../image/image-directory.ts";
import { ImageError } from "../oci/image-error.ts";
import { sha256 } from "../oci/digest.ts";
import { attempt, EXIT, ImgcError } from "../util/errors.ts";

/** An image of an output. */
export interface OutputImage {
  image: ImageDirectory;
  /** The digest of the image's manifest. */
  digest: string;
  /** The index that lists the image, if the image has several platforms or two forms. */
  index?: ImageIndex;
}

interface ImageIndex {
  digest: string;
  tag: string;
  /** The image's form, if its platform has two. */
  form: FormName | undefined;
}

export class BuiltOutputs {
  readonly #known = new Map<string, OutputImage[]>();

  /** Reads outputs of an earlier build: most builds change nothing. Outputs that cannot be read are left out. */
  constructor(earlier: string[]) {
    for (const path of earlier) {
      const images = attempt(() => (this.isImage(path) ? readOutput(path) : undefined));
      if (images !== undefined) this.#known.set(path, images);
    }
  }

  /** Whether a path is an image directory, or an index of image directories. */
  isImage(path: string): boolean {
    return isImageDirectory(path) || isIndexDirectory(path);
  }

  /** The images of an output. */
  images(path: string): OutputImage[] {
    try {
      return this.#known.get(path) ?? readOutput(path);
    } catch (error) {
      if (!(error instanceof ImageError)) throw error;
      throw new ImgcError(EXIT.environment, `${error.message}; it was built, but cannot be read (${path})`);
    }
  }
}

function readOutput(path: string): OutputImage[] {
  if (!isIndexDirectory(path)) return [withDigest(readImageDirectory(path))];
  const { bytes, parts, images } = readIndexDirectory(path);
  const index = { digest: sha256(bytes), tag: indexTag(bytes, images) };
  return images.map((image, i) => {
    return { ...withDigest(image), index: { ...index, form: formIn(parts, parts[i] as IndexPart) } };
  });
}

function withDigest(image: ImageDirectory): OutputImage {
  return { image, digest: sha256(image.manifestBytes) };
}
