/** Searches store paths by name or hash, and files by name or, with a slash in the search text, by path. */
import type { PageData, PagePath } from "./data.ts";

export interface Found {
  /** Indexes of paths, largest first. */
  paths: number[];
  /** The number of found files by index of the path that contains them. */
  files: Map<number, number>;
  isFound: (file: string) => boolean;
}

/** `order`: all paths, largest first. */
export function find(data: PageData, order: number[], words: string): Found {
  const escaped = words.replaceAll(/[$()*+.?[\\\]^{|}]/g, "\\$&");
  const inPath = new RegExp(escaped, "i");
  const inFile = words.includes("/") ? inPath : new RegExp(`${escaped}[^/]*$`, "i");
  const isFound = (file: string) => inFile.test(file);
  const paths: number[] = [];
  const files = new Map<number, number>();
  for (const i of order) {
    const { name, path, files: held } = data.paths[i] as PagePath;
    if (inPath.test(name) || inPath.test(path)) paths.push(i);
    let count = 0;
    for (const [file] of held) if (isFound(file)) count++;
    if (count > 0) files.set(i, count);
  }
  return { paths, files, isFound };
}

export function fileCount({ files }: Found): number {
  return [...files.values()].reduce((sum, count) => sum + count, 0);
}
