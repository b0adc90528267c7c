/** Indexes in the user's cache directory. What cannot be read is made anew, and what cannot be written is made again. */
import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import * as z from "zod/mini";
import { replaceFile } from "../temporary/own-folder.ts";
import { nameSchema, type PackageName } from "./names.ts";
import { makeFolder } from "../tool/make-folder.ts";

const fileSchema = z.object({ version: z.literal(1), names: z.array(nameSchema) });

/** Where the index of a set inside of a package set is kept. */
export function cacheFile(identity: string, inside: readonly string[]): string {
  const base = process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache");
  const name = inside.map((part) => encodeURIComponent(part).replaceAll(".", "%2E")).join(".");
  return join(base, "imgc/packages", identity, `${name || "all"}.json`);
}

export function readIndex(file: string): PackageName[] | undefined {
  try {
    return fileSchema.parse(JSON.parse(readFileSync(file, "utf8"))).names;
  } catch {
    return undefined;
  }
}

/** Makes its folder where there is none. */
export function writeIndex(file: string, names: readonly PackageName[]): void {
  try {
    makeFolder(dirname(file));
    replaceFile(file, JSON.stringify({ version: 1, names }));
  } catch {
    // Without a cache the next start asks Nix again.
  }
}
