/** What a search finds: store paths by their name or hash, files by their name, or by where they are with a slash. */
import type { PageData } from "./data.ts";

export interface Found {
  /** Numbers of paths, largest first. */
  paths: number[];
  /** Files by the number of their path. */
  files: Map<number, Set<string>>;
  /** How many `files` there are. */
  fileCount: number;
}

export function find(data: PageData, words: string): Found {
  const wanted = words.toLowerCase();
  const files = new Map<number, Set<string>>();
  const paths: number[] = [];
  let fileCount = 0;
  for (const [i, { name, path, files: held }] of data.paths.entries()) {
    if (name.toLowerCase().includes(wanted) || path.toLowerCase().includes(wanted)) paths.push(i);
    for (const [file] of held) {
      const start = wanted.includes("/") ? 0 : file.lastIndexOf("/") + 1;
      if (!file.toLowerCase().includes(wanted, start)) continue;
      const known = files.get(i);
      if (known === undefined) files.set(i, new Set([file]));
      else known.add(file);
      fileCount++;
    }
  }
  paths.sort((a, b) => (data.paths[b]?.size ?? 0) - (data.paths[a]?.size ?? 0));
  return { paths, files, fileCount };
}
