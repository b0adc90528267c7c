/** Compares the Nix database in an image (schema 10) with the image's store. */
import { dirname, join } from "node:path";
import { parseHash } from "../../layer/nar.ts";
import type { Findings } from "../findings.ts";
import { DATABASE_SCHEMA, readDatabase, type Database } from "../../image/database-file.ts";
import type { FileTree } from "../../image/file-tree.ts";
import type { LayerFacts } from "../inspect-layer.ts";
import type { ClosureEntry } from "../../image/plan-file.ts";
import { fromHex } from "../../oci/digest.ts";

export interface Store {
  tree: FileTree;
  storeDir: string;
  layers: LayerFacts[];
  /** The closure in imgc's description; undefined for images of other tools. */
  closure: ClosureEntry[] | undefined;
  /** imgc's layers, by index. Only a database in one of these layers must register all store paths of the image. */
  own: Map<number, string>;
}

/** Checks the database, if the image has one. */
export function checkDatabase(findings: Findings, store: Store): void {
  const { tree, storeDir, layers, closure = [], own } = store;
  const file = join(dirname(storeDir), "var/nix/db/db.sqlite");
  const contents = (path: string) => {
    const found = tree.resolve(path);
    return "node" in found && found.node.kind === "file" ? found.node : undefined;
  };
  const node = contents(file);
  if (node === undefined) return;
  if (node.contents === undefined) return findings.add(`${file} is too large to check`);
  const database = readDatabase(node.contents, contents(`${file}-wal`)?.contents);
  if ("problem" in database) return findings.add(`${file} is not a database of Nix: ${database.problem}`);
  for (const problem of database.damage) findings.add(`${file} is damaged: ${problem}`);

  const present = new Set(storePaths(tree, storeDir));
  for (const path of database.paths.keys()) {
    if (!present.has(path)) findings.add(`the database registers ${path}, which is not in the image`);
  }
  if (own.has(node.layer)) {
    checkOwn(findings, database, present);
    checkGarbage(findings, database, keptPaths(tree, storeDir));
    const schema = contents(join(dirname(file), "schema"))
      ?.contents?.toString("latin1")
      .trim();
    findings.same(`${dirname(file)}/schema`, schema, DATABASE_SCHEMA);
  }
  checkReferences(findings, database, closure);
  checkHashes(findings, database, layers, closure);
}

function checkOwn(findings: Findings, { paths, outputs }: Database, present: Set<string>): void {
  for (const path of present) {
    if (!paths.has(path)) findings.add(`${path} is in the image, but not in its database`);
  }
  for (const [path, { isBare }] of paths) {
    if (!isBare) {
      findings.add(`the database has attributes of ${path} that imgc never writes: a deriver, signatures or a time`);
    }
  }
  for (const path of outputs) {
    if (!path.endsWith(".drv")) findings.add(`the database has outputs of ${path}, which is not a derivation`);
  }
}

/** Checks that garbage collection inside the image deletes none of its store paths. */
function checkGarbage(findings: Findings, { paths }: Database, kept: string[]): void {
  const reached = new Set<string>();
  for (const left = [...kept]; left.length > 0;) {
    const path = left.pop() as string;
    if (reached.has(path)) continue;
    reached.add(path);
    for (const next of paths.get(path)?.references ?? []) left.push(next);
  }
  for (const path of paths.keys()) {
    if (!reached.has(path))
      findings.add(`no GC root keeps ${path}: garbage collection inside the image would delete it`);
  }
}

/** The store paths to which Nix's GC roots and profiles link. */
function keptPaths(tree: FileTree, storeDir: string): string[] {
  const state = join(dirname(storeDir), "var/nix");
  return ["gcroots", "profiles"].flatMap((name) => {
    const found = tree.resolve(join(state, name));
    if (!("node" in found)) return [];
    return [...tree.walk(undefined, found.node)].flatMap(({ node: { kind, target } }) => {
      const isKept = kind === "symlink" && target.startsWith(`${storeDir}/`);
      return isKept
        ? [
            target
              .split("/")
              .slice(0, storeDir.split("/").length + 1)
              .join("/"),
          ]
        : [];
    });
  });
}

function checkReferences(findings: Findings, { paths }: Database, closure: ClosureEntry[]): void {
  for (const { path, references } of closure) {
    const row = paths.get(path);
    if (row === undefined) continue;
    const [registered, expected] = [new Set(row.references), new Set(references)];
    for (const each of registered) {
      if (!expected.has(each)) findings.add(`the database has a wrong reference from ${path} to ${each}`);
    }
    for (const each of expected) {
      if (!registered.has(each)) findings.add(`the database lacks the reference from ${path} to ${each}`);
    }
  }
}

function checkHashes(findings: Findings, { paths }: Database, layers: LayerFacts[], closure: ClosureEntry[]): void {
  const declared = closure.map(({ path, narHash, narSize }) => ({ path, hash: narHash, size: narSize }));
  const computed = layers.flatMap(({ nars }) =>
    [...nars].map(([path, { hash, size }]) => ({ path, hash: fromHex(hash), size })),
  );
  for (const { path, hash, size } of computed.length > 0 ? computed : declared) {
    const row = paths.get(path);
    if (row === undefined) continue;
    findings.same(`${path}, NAR hash in the database`, digits(row.hash), digits(hash));
    findings.same(`${path}, NAR size in the database`, row.narSize ?? undefined, size);
  }
}

/** The store paths of the image, without Nix's `.links`. */
function storePaths(tree: FileTree, storeDir: string): string[] {
  const store = tree.resolve(storeDir);
  if (!("node" in store)) return [];
  return [...store.node.children.keys()].filter((name) => !name.startsWith(".")).map((name) => `${storeDir}/${name}`);
}

function digits(hash: string): string {
  return parseHash(hash)?.toString("hex") ?? hash;
}
