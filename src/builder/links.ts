/** Packages linked at `/`: folders that several packages have are merged, everything else is a link into the store. */
import { readdirSync, realpathSync, statSync } from "node:fs";
import type { LinkedPackage } from "../image/content-file.ts";
import type { RootEntry } from "../layer/recipe.ts";
import { BuildError } from "./attributes.ts";
import type { Follow } from "./follow.ts";

/** What of a package belongs at `/`; the rest (`nix-support`, say) is for Nix alone. */
const LINKED = ["bin", "etc", "lib", "libexec", "sbin", "share"];

/** A file or folder of one package that wants to be at a path. */
interface Claim {
  package: string;
  source: string;
}

/**
 * Links and folders for all packages. What `files` says of a path stands above them: a file, link or copied folder hides
 * what packages have there, a folder is shared with them. Two packages may not have the same file. `follow` leads through the links of a base.
 */
export function linkPackages(packages: LinkedPackage[], files: RootEntry[], follow: Follow): RootEntry[] {
  const said = new Map(files.map((file) => [file.path, file.kind]));
  const isSaidBelow = (path: string) => files.some((file) => file.path.startsWith(`${path}/`));
  const entries: RootEntry[] = [];

  const place = (at: string, claims: Claim[]) => {
    const folders = claims.filter(({ source }) => isFolder(source));
    const path = follow(at, folders.length === claims.length);
    const kind = said.get(path);
    if (kind !== undefined && kind !== "directory") return;
    const [first, ...others] = claims as [Claim, ...Claim[]];
    if (folders.length < claims.length) {
      const other = others.find(({ source }) => realpathSync(source) !== realpathSync(first.source));
      if (other) throw collision(path, first, other);
      if (kind === undefined) entries.push(link(path, first));
      return;
    }
    // The folders at the top stay folders, for what else wants to be there.
    if (others.length === 0 && path.lastIndexOf("/") > 0 && kind === undefined && !isSaidBelow(path)) {
      entries.push(link(path, first));
      return;
    }
    if (kind === undefined) entries.push({ kind: "directory", path, mode: 0o755, uid: 0, gid: 0 });
    for (const name of new Set(folders.flatMap(({ source }) => readdirSync(source)))) {
      const inner = folders.map((claim) => ({ ...claim, source: `${claim.source}/${name}` }));
      place(
        `${path}/${name}`,
        inner.filter(({ source }) => exists(source)),
      );
    }
  };

  for (const name of LINKED) {
    const claims = packages.map(({ path }) => ({ package: path, source: `${path}/${name}` }));
    const present = claims.filter(({ source }) => exists(source));
    if (present.length > 0) place(`/${name}`, present);
  }
  return entries;
}

/** Links that lead nowhere are not linked: they would lead nowhere in the image as well. */
function exists(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined;
}

function isFolder(path: string): boolean {
  return statSync(path).isDirectory();
}

function link(path: string, { source }: Claim): RootEntry {
  return { kind: "link", path, target: source, uid: 0, gid: 0 };
}

function collision(path: string, first: Claim, second: Claim): BuildError {
  return new BuildError(
    `${first.package} and ${second.package} both have ${path}: say which one is meant in \`files\`, ` +
      "or put one of them under `store`",
  );
}
