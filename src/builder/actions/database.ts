/** The database derivation: what Nix inside the image knows of its store, written by Nix itself. */
import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import * as z from "zod/mini";
import { ContentFile, type User } from "../../image/content-file.ts";
import { PlanFile, unreferenced, type ClosureEntry } from "../../image/plan-file.ts";
import type { RootEntry } from "../../layer/recipe.ts";
import { attributes, BuildError, phase, readJson, ReferenceGraph, storeDir } from "../attributes.ts";
import { byPath } from "../root.ts";
import { ownerIds } from "../content/users.ts";

/** An image whose store paths are registered. */
const Image = z.object({
  /** The plans of the whole chain. */
  plans: z.array(z.string()),
  content: z.string(),
  /** Who owns the store. */
  user: z.string(),
  /** Folders of derivations, by store name, that are not in the store here. */
  derivations: z.array(z.string()),
});
type Image = z.infer<typeof Image>;

const Attributes = z.object({
  image: z.optional(Image),
  /** In place of an image: the paths themselves. */
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

/** What of an image belongs to its database. */
function files(out: string, paths: ClosureEntry[], { content, user }: Image): RootEntry[] {
  const { users, groups, root } = ContentFile.parse(readJson(content));
  const owner = ownerIds({ user, group: null }, { users, groups }, ["nix", "user"]);
  requireHome(users, user);
  return byPath([...stateEntries(out, paths, owner), ...journals(root)]);
}

/** Nix keeps a user's profile and what is cached at home. */
function requireHome(users: User[], user: string): void {
  const home = users.find(({ name }) => name === user)?.home;
  if (home !== "/var/empty") return;
  throw new BuildError(`nix user: ${user} has no home of the base; declare it in \`users\` with one`);
}

function closureOf(plan: string): ClosureEntry[] {
  return PlanFile.parse(readJson(plan)).closure;
}

/** Each path once, by name. */
function sorted(entries: ClosureEntry[]): ClosureEntry[] {
  const byName = new Map(entries.map((entry) => [entry.path, entry]));
  return [...byName.values()].toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

function writeDatabase(out: string, nix: string, paths: ClosureEntry[], derivations: string[]): void {
  const work = join(process.cwd(), "database");
  const [real, state] = [join(work, "store"), join(work, "state")];
  mkdirSync(real, { recursive: true });
  // Nix reads a derivation when it is registered, and nothing else of the store.
  for (const { path } of paths) {
    if (!path.endsWith(".drv")) continue;
    const places = [path, ...derivations.map((folder) => join(folder, basename(path)))];
    const found = places.find((place) => existsSync(place));
    if (found === undefined) throw new BuildError(`${path} is in the image, but not to be found for the database`);
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

/** As `nix-store --load-db` reads it: path, hash, size, deriver (none), references. */
function registration({ path, narHash, narSize, references }: ClosureEntry): string {
  const lines = [path, narHash, narSize, "", references.length, ...references.toSorted()];
  return `${lines.join("\n")}\n`;
}

/** The same registrations are the same bytes: no dates, no journal, no free pages. */
function normalise(file: string): void {
  // Loaded only here, since some versions of Node warn of it.
  const { DatabaseSync } = process.getBuiltinModule("node:sqlite");
  const db = new DatabaseSync(file);
  db.exec("PRAGMA journal_mode = DELETE; UPDATE ValidPaths SET registrationTime = 1; VACUUM");
  db.close();
}

/** Nix's folders with their owner, the database, and a root for each path that no other one needs. */
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

/** What a base's database still had to write is taken away: it belongs to the file that is replaced. */
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
