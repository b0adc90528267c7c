/**
 * Modes that a store cannot hold: Nix keeps only the executable bit. A derivation that unpacks an archive writes the other
 * modes to a file beside the unpacked folder.
 */
import { readFileSync } from "node:fs";
import * as z from "zod/mini";

/**
 * Modes by path below the unpacked folder (bytes decoded as Latin-1). Files with default modes are not listed: 0755 for folders
 * and programs, 0644 for other files.
 */
const Modes = z.record(z.string(), z.number().check(z.int(), z.nonnegative(), z.lte(0o7777)));

export function readModes(path: string): ReadonlyMap<string, number> {
  return new Map(Object.entries(Modes.parse(JSON.parse(readFileSync(path, "utf8")))));
}
