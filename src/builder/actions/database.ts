/** The database derivation: registers the store paths of an image, for Nix inside it. Nix itself writes the database. */
import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import * as z from "zod/mini";
import type { User } from "../../image/content-file.ts";
import { unreferenced, type ClosureEntry } from "../../image/plan-file.ts";
import type { RootEntry } from "../../layer/recipe.ts";
import { attributes, ReferenceGraph } from "../attributes.ts";
import { BuildError } from "../build-error.ts";
import { phase, storeDir } from "../derivation.ts";
import { readContent, readPlan } from "../own-files.ts";
import { ownerIds } from "../content/users.ts";
import { byPath } from "../recipes.ts";

/** An image whose store paths are registered. */
const Image = z.object({
  /** The plans of the image and its bases. */
  plans: z.array(z.string()),
  content: z.string(),
  /** The store's owner. */
  user: z.string(),
  /** Folders with the .drv files of foreign bases' layers, which this store may lack. Files have their names in the store. */
  derivations: z.array(z.string()),
});
type Image = z.infer<typeof Image>;

const Attributes = z.object({
  image: z.optional(Image),
  /** Without an image: the paths to register. */
  closure: z.optional(ReferenceGraph),
  /** The Nix that writes the database. */
  nix: z.string(),
});

export function database(): void {
  const { image, closure = [], nix, out } = attributes(Attributes);
  phase("writing the database");
  const paths = image === undefined ? sorted(closure) : sorted(image.plans.flatMap(closureOf));
  mkdirSync(out);
  writeDatabase(out, nix, paths, image?.derivations ?? []);
  if (image !== undefined)
    writeFileSync(join(out, "files.json"), JSON.stringify({ entries: files(out, paths, image) }));
}

/** The entries of the database layer. */
function files(out: string, paths: ClosureEntry[], { content, user }: Image): RootEntry[] {
  const { users, groups, root } = readContent(content);
  const owner = ownerIds({ user, group: null }, { users, groups }, ["nix", "user"]);
  requireHome(users, user);
  return byPath([...stateEntries(out, paths, owner), ...journals(root)]);
}

/** Nix needs a home folder for a user's profile and caches. */
function requireHome(users: User[], user: string): void {
  const home = users.find(({ name }) => name === user)?.home;
  if (home !== "/var/empty") return;
  const message = `the user ${user} has no home folder in the base: declare ${user} with a \`home\` in \`users\``;
  throw new BuildError(`nix user: ${message}`);
}

function closureOf(plan: string): ClosureEntry[] {
  return readPlan(plan).closure;
}

/** Sorted by path, each path once. */
function sorted(entries: ClosureEntry[]): ClosureEntry[] {
  const byName = new Map(entries.map((entry) => [entry.path, entry]));
  return [...byName.values()].toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

function writeDatabase(out: string, nix: string, paths: ClosureEntry[], derivations: string[]): void {
  const work = join(process.cwd(), "database");
  const [real, state] = [join(work, "store"), join(work, "state")];
  mkdirSync(real, { recursive: true });
  // To register paths, Nix reads no files of the store except .drv files.
  for (const { path } of paths) {
    if (!path.endsWith(".drv")) continue;
    const candidates = [path, ...derivations.map((folder) => join(folder, basename(path)))];
    const found = candidates.find((candidate) => existsSync(candidate));
    if (found === undefined)
      throw new BuildError(`the derivation ${path} is in the image, but no file has its text for the database`);
    symlinkSync(found, join(real, basename(path)));
  }
  const store = `local?real=${real}&state=${state}&log=${join(work, "log")}`;
  execFileSync(join(nix, "bin/nix-store"), ["--load-db"], {
    input: paths.map(registration).join(""),
    env: { NIX_REMOTE: store, NIX_STORE_DIR: storeDir(), NIX_CONF_DIR: work, HOME: work, USER: "nobody" },
    stdio: ["pipe", "ignore", "inherit"],
  });
  const file = join(state, "db/db.sqlite");
  normalise(file);
  copyFileSync(file, join(out, "db.sqlite"));
  copyFileSync(join(state, "db/schema"), join(out, "schema"));
}

/** A registration in the form of `nix-store --load-db`: path, hash, size, an empty deriver, references. */
function registration({ path, narHash, narSize, references }: ClosureEntry): string {
  const lines = [path, narHash, narSize, "", references.length, ...references.toSorted()];
  return `${lines.join("\n")}\n`;
}

/** Makes the file reproducible: no times, no journal, no free pages. */
function normalise(file: string): void {
  // Loaded on demand, since some versions of Node.js print a warning on loading it.
  const { DatabaseSync } = process.getBuiltinModule("node:sqlite");
  const db = new DatabaseSync(file);
  db.exec("PRAGMA journal_mode = DELETE; UPDATE ValidPaths SET registrationTime = 1; VACUUM");
  db.close();
}

/** Nix's folders with their owner, the database, and a GC root for each path to which no other path refers. */
function stateEntries(out: string, paths: ClosureEntry[], owner: { uid: number; gid: number }): RootEntry[] {
  const prefix = dirname(storeDir());
  const state = join(prefix, "var/nix");
  const folders = [
    prefix,
    storeDir(),
    join(prefix, "var"),
    state,
    ...["db", "gcroots", "gcroots/image", "profiles", "profiles/per-user"].map((name) => join(state, name)),
  ];
  return [
    ...folders.map((path): RootEntry => ({ kind: "directory", path, mode: 0o755, ...owner })),
    ...["db.sqlite", "schema"].map((name): RootEntry => {
      return { kind: "copy", path: join(state, "db", name), source: join(out, name), mode: 0o644, ...owner };
    }),
    { kind: "link", path: join(state, "gcroots/profiles"), target: join(state, "profiles"), ...owner },
    ...unreferenced(paths).map((path): RootEntry => {
      return { kind: "link", path: join(state, "gcroots/image", basename(path)), target: path, ...owner };
    }),
  ];
}

/** Whiteouts for the journals of the base's database, which SQLite must not apply to the new database. */
function journals(root: RootEntry[]): RootEntry[] {
  return root
    .filter(({ path }) => /\/db\/db\.sqlite-(wal|shm|journal)$/.test(path))
    .map(({ path }) => ({
      kind: "text",
      path: join(dirname(path), `.wh.${basename(path)}`),
      text: "",
      mode: 0o644,
      uid: 0,
      gid: 0,
    }));
}
