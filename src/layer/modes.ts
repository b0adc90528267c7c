/**
 * Modes that a store cannot hold: Nix keeps only the executable bit. A derivation that unpacks an archive writes the other
 * modes to a file beside the unpacked folder.
 */
import { readFileSync } from "node:fs";
import * as z from "zod/mini";

/** Modes by name below the folder (bytes as Latin-1), except 0755 of folders and programs and 0644 of files. */
const Modes = z.record(z.string(), z.number().check(z.int(), z.nonnegative(), z.lte(0o7777)));

export function readModes(path: string): ReadonlyMap<string, number> {
  return new Map(Object.entries(Modes.parse(JSON.parse(readFileSync(path, "utf8")))));
}
