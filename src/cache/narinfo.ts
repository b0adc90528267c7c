/** A binary cache in a folder: what it holds, by the `.narinfo` files that Nix writes. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod/mini";
import { hashPart } from "../store/store-path.ts";

/** An archived store path. */
export interface Archived {
  /** The name of the `.narinfo` without its ending, which is the hash in the store path's name. */
  hash: string;
  /** The archive, relative to the cache. */
  file: string;
  /** Bytes of the archive. */
  size: number;
  /** Hashes of what the path refers to, itself left out. */
  references: string[];
}

const ENDING = ".narinfo";
const NarInfo = z.object({
  StorePath: z.string(),
  URL: z.string().check(z.regex(/^nar\/[^/]+$/)),
  References: z.string(),
});

/** Undefined where the text is no narinfo, or names a file outside the cache. */
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

/** Everything that is there whole, by hash. */
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
