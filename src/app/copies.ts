/** The `copy` entries of an image with a path on this machine. */
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
  leftOut: number;
  /** Files and folders that are left out whole. */
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
