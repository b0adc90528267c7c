/** Records when the paths of a binary cache in a folder were used, and prunes the folder. */
import { readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod/mini";
import { replaceFile } from "../util/temporary.ts";
import { readCache, type Archived } from "./narinfo.ts";
import type { BinaryCache } from "./policy.ts";
import { closureOf, noteUses, surplus, type Uses } from "./prune.ts";
import { hashPart } from "../store/store-path.ts";

const USES = "imgc-uses.json";
const UsesFile = z.record(z.string(), z.number());
/**
 * Seconds until an archive without a narinfo is deleted: another process may have written a younger archive, and may
 * still write the narinfo.
 */
const LEFTOVER = 3600;

export interface Pruned {
  paths: number;
  bytes: number;
  /** Bytes of the remaining archives. */
  left: number;
}

/** Records the store paths that a build used, and prunes. `now`: seconds since the epoch. */
export function afterBuild(cache: BinaryCache, used: string[], now: number): Pruned {
  const { folder } = cache;
  const archived = readCache(folder);
  const roots = used.map(hashPart);
  const uses = noteUses(archived, readUses(folder), roots, now);
  const gone = surplus(archived, uses, cache, closureOf(archived, roots), now);
  const pruned = new Set([...gone].map((hash) => archived.get(hash)?.file));
  for (const hash of referrersFirst(archived, gone)) {
    // Delete the narinfo before the archive: Nix finds an archive only through a narinfo.
    rmSync(join(folder, `${hash}.narinfo`), { force: true });
    archived.delete(hash);
    uses.delete(hash);
  }
  const named = new Set([...archived.values()].map(({ file }) => file));
  let bytes = 0;
  for (const name of readdirSync(join(folder, "nar"))) {
    const file = join("nar", name);
    const { size, mtimeMs } = statSync(join(folder, file));
    if (named.has(file) || (!pruned.has(file) && now - mtimeMs / 1000 < LEFTOVER)) continue;
    rmSync(join(folder, file), { force: true });
    bytes += size;
  }
  writeUses(folder, uses);
  const left = new Map([...archived.values()].map(({ file, size }) => [file, size]));
  return { paths: gone.size, bytes, left: [...left.values()].reduce((sum, size) => sum + size, 0) };
}

/** Sorted with referrers first, so that an interrupted deletion leaves no dangling reference. */
function referrersFirst(archived: Map<string, Archived>, gone: Set<string>): string[] {
  const order = new Set<string>();
  const visit = (hash: string) => {
    if (!gone.has(hash) || order.has(hash)) return;
    for (const reference of archived.get(hash)?.references ?? []) visit(reference);
    order.add(hash);
  };
  for (const hash of gone) visit(hash);
  return [...order].toReversed();
}

/** The recorded uses. If the file is missing or unreadable, the record is empty, and every path counts as used now. */
function readUses(folder: string): Uses {
  try {
    return new Map(Object.entries(UsesFile.parse(JSON.parse(readFileSync(join(folder, USES), "utf8")))));
  } catch {
    return new Map();
  }
}

function writeUses(folder: string, uses: Uses): void {
  replaceFile(join(folder, USES), `${JSON.stringify(Object.fromEntries(uses))}\n`);
}
