/**
 * Modes that a store cannot hold: Nix keeps only the executable bit. A derivation that unpacks an archive writes the other
 * modes to a file beside the unpacked folder.
 */
import { readFileSync } from "node:fs";

/**
 * Modes by path below the unpacked folder (bytes decoded as Latin-1). Files with default modes are not listed: 0755 for folders
 * and programs, 0644 for other files.
 */
export function readModes(path: string): ReadonlyMap<string, number> {
  const modes = new Map<string, number>();
  // Checked by hand: the builder of layers does not load zod.
  for (const [name, mode] of Object.entries(JSON.parse(readFileSync(path, "utf8")) as object)) {
    if (!isMode(mode)) throw new Error(`${path}: ${JSON.stringify(mode)} is not a mode`);
    modes.set(name, mode);
  }
  return modes;
}

function isMode(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 0o7777;
}
