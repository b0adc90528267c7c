/**
 * Searches store paths by name or hash, and files by name. A search text with a slash is searched in the paths of files; a
 * search text that begins with a slash also in whole store paths.
 */
import { nearest } from "../diagnostics/suggest.ts";
import { splitName } from "../store/store-path.ts";
import type { PageData, PagePath } from "./data.ts";

/** The largest number of suggestions for a search without results. */
const MAX_SUGGESTIONS = 5;

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
  const anywhere = new RegExp(escaped, "i");
  const inName = new RegExp(`${escaped}[^/]*$`, "i");
  const inPath = words.startsWith("/") ? anywhere : inName;
  const inFile = words.includes("/") ? anywhere : inName;
  const isFound = (file: string) => inFile.test(file);
  const paths: number[] = [];
  const files = new Map<number, number>();
  for (const i of order) {
    const { name, path, files: held } = data.paths[i] as PagePath;
    if (inName.test(name) || inPath.test(path)) paths.push(i);
    let count = 0;
    for (const [file] of held) if (isFound(file)) count++;
    if (count > 0) files.set(i, count);
  }
  return { paths, files, isFound };
}

export function fileCount({ files }: Found): number {
  return [...files.values()].reduce((sum, count) => sum + count, 0);
}

/** Names of packages and files that are similar to the search text, the most similar first. */
export function similarNames({ paths }: PageData, words: string): string[] {
  const stored = paths.filter(({ path }) => path !== "");
  const packages = new Set(stored.flatMap(({ name }) => [splitName(name).name, name]));
  const files = new Set(
    paths.flatMap(({ files: held }) => held.map(([file]) => file.slice(file.lastIndexOf("/") + 1))),
  );
  const similar = new Set([packages, files].flatMap((names) => nearest(words, names, MAX_SUGGESTIONS)));
  return [...similar].slice(0, MAX_SUGGESTIONS);
}
