/** Lists the `copy` entries of an image whose source is on this machine, and counts their files. */
import { copiedOf, filesIn, type CopyRules } from "../ignore/copied.ts";
import type { ImageSpec } from "../language/index.ts";

export interface Copy {
  /** The entry's path in the image. */
  path: string;
  source: string;
  rules: CopyRules;
}

export function copiesOf({ files }: ImageSpec): Copy[] {
  return files.flatMap((file) => {
    if (file.kind !== "copy" || !("path" in file.source)) return [];
    const { path: source, directory: within } = file.source;
    return [{ path: file.path, source, rules: { exclude: file.exclude, all: file.all, within } }];
  });
}

export interface CopyCount {
  path: string;
  source: string;
  /** The number of copied files and symbolic links. */
  taken: number;
  /** The number of files and symbolic links that are not copied. */
  leftOut: number;
  /** The paths that are not copied. If a folder is listed, nothing in the folder is copied. */
  names: string[];
}

export function countCopies(image: ImageSpec): CopyCount[] {
  return copiesOf(image).map(({ path, source, rules }) => {
    const copied = copiedOf(source, rules);
    const names = copied.leftOut.map((name) => Buffer.from(name, "latin1").toString());
    const taken = copied.taken.filter(({ kind }) => kind !== "directory").length;
    return { path, source, taken, leftOut: filesIn(source, copied.leftOut), names };
  });
}
