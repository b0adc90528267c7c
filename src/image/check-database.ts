/** The database of a Nix inside the image (schema 10, `ValidPaths` and `Refs`), held against the store that the layers make. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import * as z from "zod/mini";
import { parseHash } from "../layer/nar.ts";
import type { Findings } from "./claims.ts";
import type { FileTree, Node } from "./file-tree.ts";
import type { LayerFacts } from "./inspect-layer.ts";
import type { ClosureEntry } from "./plan-file.ts";

const Row = z.object({ path: z.string(), hash: z.string(), narSize: z.nullable(z.number()) });
type Row = z.infer<typeof Row>;

export interface Store {
  tree: FileTree;
  storeDir: string;
  layers: LayerFacts[];
  /** What the image claims of its paths; undefined where it claims nothing. */
  closure: ClosureEntry[] | undefined;
  /** Layers that this project made: its databases cover the whole image, others at least name nothing that is missing. */
  own: Map<number, string>;
}

/** Nothing is said where the image has no database. */
export function checkDatabase(findings: Findings, store: Store): void {
  const { tree, storeDir, layers, closure, own } = store;
  const file = join(dirname(storeDir), "var/nix/db/db.sqlite");
  const found = tree.resolve(file);
  if (!("node" in found) || found.node.contents === undefined) return;
  const rows = readRows(findings, file, found.node);
  if (rows === undefined) return;

  const registered = new Map(rows.map((row) => [row.path, row]));
  const present = new Set(storePaths(tree, storeDir));
  const missing = rows.filter(({ path }) => !present.has(path));
  for (const { path } of missing) findings.add(`the database registers ${path}, which is not in the image`);
  if (own.has(found.node.layer)) {
    for (const path of present) {
      if (!registered.has(path)) findings.add(`${path} is in the image, but not in its database`);
    }
  }
  const claims = closure?.map(({ path, narHash, narSize }) => ({ path, hash: narHash, size: narSize })) ?? [];
  const computed = layers.flatMap(({ nars }) =>
    [...nars].map(([path, { hash, size }]) => ({ path, hash: `sha256:${hash}`, size })),
  );
  for (const { path, hash, size } of computed.length > 0 ? computed : claims) {
    const row = registered.get(path);
    if (row === undefined) continue;
    findings.same(`${path}, nar hash in the database`, digits(row.hash), digits(hash));
    findings.same(`${path}, nar size in the database`, row.narSize ?? undefined, size);
  }
}

function readRows(findings: Findings, file: string, { contents = "" }: Node): Row[] | undefined {
  const folder = mkdtempSync(join(tmpdir(), "imgc-database-"));
  try {
    const copy = join(folder, "db.sqlite");
    writeFileSync(copy, contents, "latin1");
    // Loaded only here, since some versions of Node warn of it.
    const { DatabaseSync } = process.getBuiltinModule("node:sqlite");
    const db = new DatabaseSync(copy);
    try {
      return z.array(Row).parse(db.prepare("SELECT path, hash, narSize FROM ValidPaths ORDER BY path").all());
    } finally {
      db.close();
    }
  } catch (error) {
    findings.add(`${file} is no database of Nix: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What is in the store's folder, but for Nix's own, such as `.links`. */
function storePaths(tree: FileTree, storeDir: string): string[] {
  const store = tree.resolve(storeDir);
  if (!("node" in store)) return [];
  return [...store.node.children.keys()].filter((name) => !name.startsWith(".")).map((name) => `${storeDir}/${name}`);
}

function digits(hash: string): string {
  return parseHash(hash)?.toString("hex") ?? hash;
}
