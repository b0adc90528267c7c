/** The `copy` entries of an image that name a path of this machine. */
import type { CopyRules } from "../ignore/copied.ts";
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
