/** Indexes in the user's cache directory. What cannot be read is made anew, and what cannot be written is made again. */
import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import * as z from "zod/mini";
import { replaceFile } from "../util/temporary.ts";
import { PackageName, type Index } from "./names.ts";
import { makeFolder } from "../util/make-folder.ts";

const IndexFile = z.object({ version: z.literal(2), total: z.int(), names: z.array(PackageName) });

/** Where the index of a set inside of a package set is kept. */
export function cacheFile(identity: string, inside: readonly string[]): string {
  const base = process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache");
  const name = inside.map((part) => encodeURIComponent(part).replaceAll(".", "%2E")).join(".");
  return join(base, "imgc/packages", identity, `${name || "all"}.json`);
}

export function readIndex(file: string): Index | undefined {
  try {
    return IndexFile.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch {
    return undefined;
  }
}

/** Makes its folder where there is none. */
export function writeIndex(file: string, { total, names }: Index): void {
  try {
    makeFolder(dirname(file));
    replaceFile(file, JSON.stringify({ version: 2, total, names } satisfies z.infer<typeof IndexFile>));
  } catch {
    // Without a cache the next start asks Nix again.
  }
}
