/** Reads a Nix database: `ValidPaths`, `Refs` and `DerivationOutputs` of schema 10. */
import { rmSync, writeFileSync } from "node:fs";
import type { DatabaseSync as Connection } from "node:sqlite";
import { join } from "node:path";
import * as z from "zod/mini";
import { ownFolder } from "../util/temporary.ts";
import { isOfMachine, messageOf } from "../util/errors.ts";

/** The content of the file `schema` beside the database. */
export const DATABASE_SCHEMA = "10";

/** Limit of rows in a table. 50,000 store paths have half a million references. */
const MAX_ROWS = 1_000_000;
/** Parts of a schema that evaluate expressions. */
const COMPUTED = /create\s+virtual|\bcheck\s*\(|\bgenerated\b|\bas\s*\(|\bdefault\s*\(/i;

export interface Database {
  /** Registrations by store path. */
  paths: Map<string, Registration>;
  /** The derivations whose outputs the database registers. */
  outputs: string[];
  /** Descriptions of the file's damage. */
  damage: string[];
}

export interface Registration {
  hash: string;
  narSize: number | null;
  references: string[];
  /** Whether the registration has no further attributes: no deriver, signatures, trust or content address, and the time 1. */
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
const SchemaObject = z.object({ type: z.string(), name: z.string(), sql: z.nullable(z.string()) });
const Check = z.object({ integrity_check: z.string() });

const PATHS = `SELECT id, path, hash, narSize, coalesce(deriver, '') = '' AND coalesce(ultimate, 0) = 0
  AND coalesce(sigs, '') = '' AND coalesce(ca, '') = '' AND registrationTime = 1 AS isBare FROM ValidPaths ORDER BY path`;
const OUTPUTS = `SELECT DISTINCT coalesce(path, 'an unregistered path') AS path
  FROM (SELECT drv FROM DerivationOutputs) LEFT JOIN ValidPaths ON id = drv`;

/** `wal`: the write-ahead log, if the database has one. */
export function readDatabase(contents: Buffer, wal: Buffer | undefined): Database | { problem: string } {
  const folder = ownFolder("imgc-database-");
  try {
    const copy = join(folder, "db.sqlite");
    writeFileSync(copy, contents);
    if (wal !== undefined) writeFileSync(`${copy}-wal`, wal);
    const db = openDatabase(copy);
    try {
      const all = <S extends z.ZodMiniType>(row: S, sql: string) => queryDatabase(db, row, sql);
      const rows = all(Row, PATHS);
      const paths = new Map(
        rows.map(({ path, hash, narSize, isBare }) => [
          path,
          { hash, narSize, references: [] as string[], isBare: isBare === 1 },
        ]),
      );
      const byId = new Map(rows.map(({ id, path }) => [id, path]));
      const damage = all(Check, "PRAGMA integrity_check(1)").flatMap(({ integrity_check: problem }) =>
        problem === "ok" ? [] : [problem.replaceAll("\n", " ")],
      );
      let isDangling = false;
      for (const { referrer, reference } of all(Reference, "SELECT referrer, reference FROM Refs")) {
        const [from, to] = [byId.get(referrer), byId.get(reference)];
        if (from === undefined || to === undefined) isDangling = true;
        else paths.get(from)?.references.push(to);
      }
      if (isDangling) damage.push("a reference is from or to an unregistered path");
      return { paths, outputs: all(Output, OUTPUTS).map(({ path }) => path), damage };
    } finally {
      db.close();
    }
  } catch (error) {
    if (isOfMachine(error)) throw error;
    return { problem: messageOf(error) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Opens a database from an untrusted source. The caller closes it. */
export function openDatabase(file: string): Connection {
  // Imported lazily, since some versions of Node print a warning.
  const { DatabaseSync } = process.getBuiltinModule("node:sqlite");
  const db = new DatabaseSync(file);
  try {
    requireTables(db);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** The rows of a query, checked with the schema `row`. Throws if there are more than MAX_ROWS. */
export function queryDatabase<S extends z.ZodMiniType>(db: Connection, row: S, sql: string): z.infer<S>[] {
  const isPragma = sql.startsWith("PRAGMA");
  return rowsOf(row, db.prepare(isPragma ? sql : `SELECT * FROM (${sql}) LIMIT ${MAX_ROWS + 1}`).all());
}

/** Rejects views, virtual tables and computed columns: reading them can take forever, and Nix never creates them. */
function requireTables(db: Connection): void {
  db.exec("PRAGMA trusted_schema = OFF");
  const objects = queryDatabase(db, SchemaObject, "SELECT type, name, sql FROM sqlite_schema");
  const strange = objects.find(({ type, sql }) => type === "view" || COMPUTED.test(sql ?? ""));
  if (strange !== undefined) throw new Error(`${strange.name} is a view or has computed columns`);
}

/** The rows, parsed: columns of SQLite accept values of any type. */
function rowsOf<S extends z.ZodMiniType>(row: S, values: unknown[]): z.infer<S>[] {
  if (values.length > MAX_ROWS) throw new Error(`a table has more than ${MAX_ROWS} rows`);
  const result = z.array(row).safeParse(values);
  if (result.success) return result.data;
  throw new Error(`the ${String(result.error.issues[0]?.path.at(-1))} of a row has another type`);
}
