/** Reads the `.narinfo` files of a binary cache in a folder. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod/mini";
import { hashPart } from "../store/store-path.ts";

/** An archived store path. */
export interface Archived {
  /** The hash part of the store path, which is the name of the `.narinfo` file. */
  hash: string;
  /** The path of the archive, relative to the cache's folder. */
  file: string;
  /** Bytes of the archive. */
  size: number;
  /** Hash parts of the path's references, without itself. */
  references: string[];
}

const ENDING = ".narinfo";
const NarInfo = z.object({
  StorePath: z.string(),
  URL: z.string().check(z.regex(/^nar\/[^/]+$/)),
  References: z.string(),
});

/** Undefined if the text is not a narinfo, or names a file outside the cache. */
export function parseNarInfo(text: string): { storePath: string; file: string; references: string[] } | undefined {
  const fields = Object.fromEntries(
    text.split("\n").flatMap((line) => {
      const [, key, value] = /^(\w+): ?(.*)$/.exec(line) ?? [];
      return key === undefined ? [] : [[key, value ?? ""]];
    }),
  );
  const parsed = NarInfo.safeParse(fields);
  if (!parsed.success) return undefined;
  const { StorePath: storePath, URL: file, References: names } = parsed.data;
  const references = names.split(" ").filter((name) => name !== "");
  return { storePath, file, references };
}

/** The store paths with a narinfo and an archive, by hash part. */
export function readCache(folder: string): Map<string, Archived> {
  const archived = new Map<string, Archived>();
  for (const name of readdirSync(folder)) {
    if (!name.endsWith(ENDING)) continue;
    const info = parseNarInfo(readFileSync(join(folder, name), "utf8"));
    const size = info && statSync(join(folder, info.file), { throwIfNoEntry: false })?.size;
    if (info === undefined || size === undefined) continue;
    const hash = name.slice(0, -ENDING.length);
    const references = info.references.map(hashPart).filter((reference) => reference !== hash);
    archived.set(hash, { hash, file: info.file, size, references });
  }
  return archived;
}
