/** Reads the Nix database of a base. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod/mini";
import { openDatabase, queryDatabase } from "../../image/database-file.ts";
import type { FileTree } from "../../image/file-tree.ts";
import type { ClosureEntry } from "../../image/plan-file.ts";
import { BuildError } from "../build-error.ts";
import { messageOf } from "../../util/errors.ts";

/** The path of Nix's database in an image. */
export const DATABASE = "/nix/var/nix/db/db.sqlite";

const Registered = z.object({ id: z.number(), path: z.string(), hash: z.string(), narSize: z.nullable(z.number()) });
const Reference = z.object({ referrer: z.number(), reference: z.number() });

/** The registrations of paths that are in the image, sorted; empty without a database. */
export function readRegistrations(tree: FileTree, present: Set<string>): ClosureEntry[] {
  const folder = mkdtempSync(join(process.cwd(), "database-"));
  for (const suffix of ["", "-wal"]) {
    const found = tree.resolve(`${DATABASE}${suffix}`);
    if ("node" in found && found.node.contents !== undefined) {
      writeFileSync(join(folder, `db.sqlite${suffix}`), found.node.contents);
    } else if (suffix === "") return [];
  }
  try {
    return read(join(folder, "db.sqlite"), present);
  } catch (error) {
    throw new BuildError(`the base's ${DATABASE} cannot be read: ${messageOf(error)}`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function read(file: string, present: Set<string>): ClosureEntry[] {
  const db = openDatabase(file);
  try {
    const paths = queryDatabase(db, Registered, "SELECT id, path, hash, narSize FROM ValidPaths");
    const references = queryDatabase(db, Reference, "SELECT referrer, reference FROM Refs");
    const byId = new Map(paths.map(({ id, path }) => [id, path]));
    const referred = Map.groupBy(references, ({ referrer }) => referrer);
    return paths
      .filter(({ path }) => present.has(path))
      .map(({ id, path, hash, narSize }) => ({
        path,
        narHash: hash,
        narSize: narSize ?? 0,
        references: (referred.get(id) ?? []).flatMap(({ reference }) => byId.get(reference) ?? []).toSorted(),
      }))
      .toSorted((a, b) => (a.path < b.path ? -1 : 1));
  } finally {
    db.close();
  }
}
