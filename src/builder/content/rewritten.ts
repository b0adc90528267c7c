/** Counts files of the base that rules change: the layer contains each such file with all its bytes. */
import { lstatSync, readdirSync } from "node:fs";
import type { FileCount } from "../../image/content-file.ts";
import type { RootEntry } from "../../layer/recipe.ts";
import { contentsPath, type BaseFile } from "../base/contents.ts";

/** `foreign`: files of a foreign base, whose bytes `writeContents` puts into `folder` later. */
export function countFiles(entries: RootEntry[], foreign: BaseFile[], folder: string): FileCount {
  const sizes = new Map(
    foreign.flatMap((file) => (file.kind === "file" ? [[contentsPath(folder, file), file.size] as const] : [])),
  );
  const count: FileCount = { files: 0, bytes: 0 };
  const add = (bytes: number): void => {
    count.files++;
    count.bytes += bytes;
  };
  const addSource = (source: string): void => {
    const stat = lstatSync(source);
    if (stat.isFile()) add(stat.size);
    if (stat.isDirectory()) for (const name of readdirSync(source)) addSource(`${source}/${name}`);
  };
  for (const entry of entries) {
    if (entry.kind === "text") add(Buffer.byteLength(entry.text));
    if (entry.kind !== "copy" || entry.sameAs !== undefined) continue;
    const size = sizes.get(entry.source);
    if (size === undefined) addSource(entry.source);
    else add(size);
  }
  return count;
}
