/**
 * Keeps the indexes (lists of names) of package sets in the user's cache directory. An index that cannot be read or
 * written is made again.
 */
import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import * as z from "zod/mini";
import { replaceFile } from "../util/temporary.ts";
import { PackageName, type Index } from "./names.ts";
import { makeFolder } from "../util/make-folder.ts";
import { percentEncode } from "../util/percent-encode.ts";

const IndexFile = z.object({ version: z.literal(4), total: z.int(), names: z.array(PackageName) });

/** The cache file of a package set, or of a set nested in it. `inside`: the attribute path of the nested set. */
export function cacheFile(identity: string, inside: readonly string[]): string {
  const base = process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache");
  const name = inside.map((part) => percentEncode(part).replaceAll(".", "%2E")).join(".");
  return join(base, "imgc/packages", identity, `${name || "all"}.json`);
}

export function readIndex(file: string): Index | undefined {
  try {
    return IndexFile.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch {
    return undefined;
  }
}

/** Writes an index, and creates its folder. */
export function writeIndex(file: string, { total, names }: Index): void {
  try {
    makeFolder(dirname(file));
    replaceFile(file, JSON.stringify({ version: 4, total, names } satisfies z.infer<typeof IndexFile>));
  } catch {
    // Without a cache the next start asks Nix again.
  }
}
