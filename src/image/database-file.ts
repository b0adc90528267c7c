/** Reads what a database of Nix says: `ValidPaths`, `Refs` and `DerivationOutputs` of its schema 10. */
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod/mini";
import { ownFolder } from "../temporary/own-folder.ts";
import { isOfMachine } from "./machine.ts";

/** What stands in the file `schema` beside the database. */
export const DATABASE_SCHEMA = "10";

export interface Database {
  /** By store path. */
  paths: Map<string, Registration>;
  /** Store paths of what has outputs. */
  outputs: string[];
  /** What is wrong with the file. */
  damage: string[];
}

export interface Registration {
  hash: string;
  narSize: number | null;
  references: string[];
  /** Nothing more is said of it: nobody built it here, signed it or vouches for it, and it is as old as all files are. */
  isBare: boolean;
}

const Row = z.object({
  id: z.number(),
  path: z.string(),
  hash: z.string(),
  narSize: z.nullable(z.number()),
  isBare: z.number(),
});
const Reference = z.object({ referrer: z.number(), reference: z.number() });
const Output = z.object({ path: z.string() });
const Check = z.object({ integrity_check: z.string() });

const PATHS = `SELECT id, path, hash, narSize, coalesce(deriver, '') = '' AND coalesce(ultimate, 0) = 0
  AND coalesce(sigs, '') = '' AND coalesce(ca, '') = '' AND registrationTime = 1 AS isBare FROM ValidPaths ORDER BY path`;
const OUTPUTS = `SELECT DISTINCT coalesce(path, 'a path that is not registered') AS path
  FROM (SELECT drv FROM DerivationOutputs) LEFT JOIN ValidPaths ON id = drv`;

/** `wal`: what was still to be written into it, empty where there is nothing. Both as Latin-1. */
export function readDatabase(contents: string, wal: string): Database | { problem: string } {
  const folder = ownFolder("imgc-database-");
  try {
    const copy = join(folder, "db.sqlite");
    writeFileSync(copy, contents, "latin1");
    if (wal !== "") writeFileSync(`${copy}-wal`, wal, "latin1");
    // Loaded only here, since some versions of Node warn of it.
    const { DatabaseSync } = process.getBuiltinModule("node:sqlite");
    const db = new DatabaseSync(copy);
    try {
      const all = <S extends z.ZodMiniType>(row: S, sql: string) => rowsOf(row, db.prepare(sql).all());
      const rows = all(Row, PATHS);
      const paths = new Map(
        rows.map(({ path, hash, narSize, isBare }) => [
          path,
          { hash, narSize, references: [] as string[], isBare: isBare === 1 },
        ]),
      );
      const byId = new Map(rows.map(({ id, path }) => [id, path]));
      const damage = all(Check, "PRAGMA integrity_check(1)").flatMap(({ integrity_check: said }) =>
        said === "ok" ? [] : [said.replaceAll("\n", " ")],
      );
      let isDangling = false;
      for (const { referrer, reference } of all(Reference, "SELECT referrer, reference FROM Refs")) {
        const [from, to] = [byId.get(referrer), byId.get(reference)];
        if (from === undefined || to === undefined) isDangling = true;
        else paths.get(from)?.references.push(to);
      }
      if (isDangling) damage.push("a reference leads from or to what is not registered");
      return { paths, outputs: all(Output, OUTPUTS).map(({ path }) => path), damage };
    } finally {
      db.close();
    }
  } catch (error) {
    if (isOfMachine(error)) throw error;
    return { problem: error instanceof Error ? error.message : String(error) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Columns of SQLite take values of any type. */
function rowsOf<S extends z.ZodMiniType>(row: S, values: unknown[]): z.infer<S>[] {
  const result = z.array(row).safeParse(values);
  if (result.success) return result.data;
  throw new Error(`the ${String(result.error.issues[0]?.path.at(-1))} of a row is of another type`);
}
