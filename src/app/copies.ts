/** Lists the `copy` entries of a spec whose source is on this machine, and reads which files they copy. */
import { copiedOf, filesIn, type Copied, type CopyRules } from "../ignore/copied.ts";
import type { Spec } from "../language/index.ts";

export interface Copy {
  /** The image's name. */
  image: string;
  /** The entry's path in the image. */
  path: string;
  source: string;
  rules: CopyRules;
}

export function copiesOf(spec: Spec | undefined): Copy[] {
  return (spec?.images ?? []).flatMap(({ name, files }) =>
    files.flatMap((file) => {
      if (file.kind !== "copy" || !("path" in file.source)) return [];
      const { path: source, directory: within } = file.source;
      return [{ image: name, path: file.path, source, rules: { exclude: file.exclude, all: file.all, within } }];
    }),
  );
}

/** Selects the files of a copy; nothing if one of them cannot be read, because Nix reports such a file. */
export function readCopy({ source, rules }: Copy): Copied {
  try {
    return copiedOf(source, rules);
  } catch {
    return { taken: [], leftOut: [] };
  }
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

/** A copy after the selection, without the list of copied files, which can be long. */
export interface ReadCopy extends Copy {
  taken: number;
  /** The paths that are not copied, as byte strings. */
  leftOut: string[];
}

export function withoutList(copy: Copy, { taken, leftOut }: Copied): ReadCopy {
  return { ...copy, taken: taken.filter(({ kind }) => kind !== "directory").length, leftOut };
}

/** Counts the files in the folders that are not copied. */
export function countCopy({ path, source, taken, leftOut }: ReadCopy): CopyCount {
  const names = leftOut.map((name) => Buffer.from(name, "latin1").toString());
  return { path, source, taken, leftOut: filesIn(source, leftOut), names };
}
