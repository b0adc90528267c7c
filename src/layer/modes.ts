/**
 * Modes that a store cannot hold: Nix keeps only whether a file can be executed. Whoever unpacks something whose modes
 * matter writes those that differ into a file beside it.
 */
import { readFileSync } from "node:fs";
import * as z from "zod/mini";

/** By name below the folder (bytes read as Latin-1): what is neither 0755 for a folder or program nor 0644. */
const Modes = z.record(z.string(), z.number().check(z.int(), z.nonnegative(), z.lte(0o7777)));

export function readModes(path: string): ReadonlyMap<string, number> {
  return new Map(Object.entries(Modes.parse(JSON.parse(readFileSync(path, "utf8")))));
}
