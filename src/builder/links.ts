/** Packages linked at `/`: folders are merged, everything in them is a symbolic link into the store. */
import { readdirSync, statSync } from "node:fs";
import type { RootEntry } from "../layer/recipe.ts";
import { BuildError } from "./attributes.ts";

/** What of a package belongs at `/`; the rest (`nix-support`, say) is for Nix alone. */
const LINKED = ["bin", "etc", "lib", "libexec", "sbin", "share"];

/** Links and folders for all packages, less the paths that `settled` already says. Two packages may not collide. */
export function linkPackages(packages: string[], settled: Set<string>): RootEntry[] {
  const entries = new Map<string, RootEntry>();
  const owner = new Map<string, string>();

  const place = (path: string, source: string, owning: string) => {
    if (settled.has(path)) return;
    const known = entries.get(path);
    if (statSync(source, { throwIfNoEntry: false })?.isDirectory()) {
      if (known?.kind === "link") collide(path, owner.get(path) as string, owning);
      entries.set(path, { kind: "directory", path, mode: 0o755, uid: 0, gid: 0 });
      owner.set(path, owning);
      for (const child of readdirSync(source)) place(`${path}/${child}`, `${source}/${child}`, owning);
      return;
    }
    if (known && owner.get(path) !== owning) collide(path, owner.get(path) as string, owning);
    entries.set(path, { kind: "link", path, target: source, uid: 0, gid: 0 });
    owner.set(path, owning);
  };

  for (const owning of new Set(packages)) {
    for (const folder of LINKED) {
      const source = `${owning}/${folder}`;
      if (statSync(source, { throwIfNoEntry: false })) place(`/${folder}`, source, owning);
    }
  }
  return [...entries.values()];
}

function collide(path: string, first: string, second: string): never {
  throw new BuildError(
    `${first} and ${second} both have ${path}: say which one is meant in \`files\`, or put one of them under \`store\``,
  );
}
