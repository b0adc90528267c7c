import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, onTestFinished, test } from "vitest";
import { checkDatabase } from "../../../src/verify/contents/database.ts";
import { Findings } from "../../../src/verify/findings.ts";
import { FileTree } from "../../../src/image/file-tree.ts";
import { LayerInspector } from "../../../src/verify/inspect-layer.ts";
import { narDigest } from "../../../src/layer/nar.ts";
import type { RootEntry } from "../../../src/layer/recipe.ts";
import { layerChunks } from "../../../src/layer/stream.ts";

const NAMES = ["a", "b"].map((letter) => `${letter.repeat(32)}-${letter}`);
const STORE = "/nix/store";

interface Registered {
  path: string;
  hash: string;
  size: number;
  references?: string[];
  deriver?: string;
  hasOutput?: boolean;
}

interface Options {
  own?: boolean;
  text?: string;
  schema?: string;
  /** The references of the first path in the image's closure. */
  references?: string[];
  /** Paths that a GC root keeps; all by default. */
  kept?: string[];
}

/** The findings in an image with two files in its store and a database of `rows`. */
function findings(rows: (right: Registered[]) => Registered[], options: Options = {}): string[] {
  const folder = mkdtempSync(join(tmpdir(), "imgc-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const right = NAMES.map((name) => {
    writeFileSync(join(folder, name), name);
    const { hash, size } = narDigest(join(folder, name));
    return { path: `${STORE}/${name}`, hash: `sha256:${hash.toString("hex")}`, size };
  });
  const file = join(folder, "db.sqlite");
  writeFileSync(join(folder, "schema"), options.schema ?? "10");
  if (options.text === undefined) writeDatabase(file, rows(right));
  else writeFileSync(file, options.text);

  const copy = (path: string, source: string): RootEntry => ({
    kind: "copy",
    path,
    source,
    mode: 0o444,
    uid: 0,
    gid: 0,
  });
  const entries = [
    ...NAMES.map((name) => copy(`${STORE}/${name}`, join(folder, name))),
    copy("/nix/var/nix/db/db.sqlite", file),
    copy("/nix/var/nix/db/schema", join(folder, "schema")),
    ...(options.kept ?? [...right.map(({ path }) => path), GONE.path]).map((target): RootEntry => {
      return { kind: "link", path: `/nix/var/nix/gcroots/image/${basename(target)}`, target, uid: 0, gid: 0 };
    }),
  ];
  const found = new Findings();
  const tree = new FileTree();
  const inspector = new LayerInspector(found, {
    tree,
    index: 0,
    label: "layer 1",
    storeDir: STORE,
    deep: true,
    isOwn: true,
  });
  for (const chunk of layerChunks({ paths: [], entries, permissions: [] })) inspector.push(chunk);
  const own = new Map(options.own === false ? [] : [[0, "database"]]);
  const [{ path, hash, size }] = right as [Registered];
  const closure = [{ path, narHash: hash, narSize: size, references: options.references ?? [] }];
  checkDatabase(found, { tree, storeDir: STORE, layers: [inspector.end()], closure, own });
  return found.sentences;
}

function writeDatabase(file: string, rows: Registered[]): void {
  const db = new DatabaseSync(file);
  db.exec(`CREATE TABLE ValidPaths (id INTEGER PRIMARY KEY, path TEXT, hash TEXT, registrationTime INTEGER,
    deriver TEXT, narSize INTEGER, ultimate INTEGER, sigs TEXT, ca TEXT);
    CREATE TABLE Refs (referrer INTEGER, reference INTEGER);
    CREATE TABLE DerivationOutputs (drv INTEGER, id TEXT, path TEXT)`);
  const insert = db.prepare(
    "INSERT INTO ValidPaths (id, path, hash, registrationTime, narSize, deriver) VALUES (?, ?, ?, 1, ?, ?)",
  );
  const refer = db.prepare("INSERT INTO Refs VALUES (?, ?)");
  const output = db.prepare("INSERT INTO DerivationOutputs VALUES (?, 'out', '')");
  for (const [id, { path, hash, size, references = [], deriver = null, hasOutput }] of rows.entries()) {
    insert.run(id, path, hash, size, deriver);
    for (const each of references)
      refer.run(
        id,
        rows.findIndex((row) => row.path === each),
      );
    if (hasOutput === true) output.run(id);
  }
  db.close();
}

const [A, B] = NAMES.map((name) => `${STORE}/${name}`);
const GONE = { path: `${STORE}/${"c".repeat(32)}-c`, hash: `sha256:${"0".repeat(64)}`, size: 1 };

test("a database of exactly the store has no findings", () => {
  expect(findings((right) => right)).toEqual([]);
});

test("registered paths must be in the image, and imgc's databases must register all paths", () => {
  expect(findings((right) => [...right, GONE])).toEqual([
    `the database registers ${GONE.path}, which is not in the image`,
  ]);
  expect(findings((right) => right.slice(0, 1))).toEqual([`${B} is in the image, but not in its database`]);
  expect(findings((right) => right.slice(0, 1), { own: false })).toEqual([]);
});

test("every path must be reachable from a GC root", () => {
  const referring = ([a, b]: Registered[]) => [{ ...a, references: [B] }, b] as Registered[];
  expect(findings(referring, { references: [B as string], kept: [A as string] })).toEqual([]);
  expect(findings(referring, { references: [B as string], kept: [B as string] })).toEqual([
    `no GC root keeps ${A}: garbage collection inside the image would delete it`,
  ]);
});

test("hashes and sizes must be those of the files", () => {
  const [hash, size, ...others] = findings(([a, b]) => [
    { ...(a as Registered), hash: GONE.hash, size: 7 },
    b as Registered,
  ]);
  expect(hash).toMatch(new RegExp(`^${A}, NAR hash in the database: claimed 0{64}, computed [0-9a-f]{64}$`));
  expect(size).toMatch(/NAR size in the database: claimed 7, computed \d+$/);
  expect(others).toEqual([]);
});

test("references must be those of the closure", () => {
  const referring = ([a, b]: Registered[]) => [{ ...a, references: [B] }, b] as Registered[];
  expect(findings(referring, { references: [B as string] })).toEqual([]);
  expect(findings(referring)).toEqual([`the database has a wrong reference from ${A} to ${B}`]);
  expect(findings((right) => right, { references: [B as string] })).toEqual([
    `the database lacks the reference from ${A} to ${B}`,
  ]);
  const dangling = ([a, b]: Registered[]) => [{ ...a, references: ["gone"] }, b] as Registered[];
  expect(findings(dangling)).toEqual([
    "/nix/var/nix/db/db.sqlite is damaged: a reference is from or to an unregistered path",
  ]);
});

test("imgc's databases have no further attributes, and the schema of the file beside them", () => {
  const deriver = `${STORE}/${"d".repeat(32)}-d.drv`;
  const more = ([a, b]: Registered[]) => [{ ...a, deriver, hasOutput: true }, b] as Registered[];
  expect(findings(more, { schema: "9" })).toEqual([
    `the database has attributes of ${A} that imgc never writes: a deriver, signatures or a time`,
    `the database has outputs of ${A}, which is not a derivation`,
    "/nix/var/nix/db/schema: claimed 9, computed 10",
  ]);
  expect(findings(more, { own: false, schema: "9" })).toEqual([]);
});

test("a file that is not a Nix database is a finding", () => {
  const mistyped = ([a, b]: Registered[]) => [{ ...a, size: "much" as unknown as number }, b] as Registered[];
  expect(findings(mistyped)).toEqual([
    "/nix/var/nix/db/db.sqlite is not a database of Nix: the narSize of a row has another type",
  ]);
  expect(findings(() => [], { text: "not a database at all" })).toEqual([
    "/nix/var/nix/db/db.sqlite is not a database of Nix: file is not a database",
  ]);
  expect(findings(() => [], { text: "" })).toEqual([
    "/nix/var/nix/db/db.sqlite is not a database of Nix: no such table: ValidPaths",
  ]);
});
