/** Which `.imgspec` files the paths of a command mean. */
import { readdirSync, statSync, type Stats } from "node:fs";
import { join } from "node:path";
import { printableLine } from "../util/printable.ts";
import { EXIT, ImgcError } from "../util/errors.ts";

/** Files as they are named, and all of a folder at any depth but hidden ones, packages and what links lead to. */
export function findFiles(paths: readonly string[]): string[] {
  const found = new Set<string>();
  for (const path of paths) {
    const inside = stat(path).isDirectory() ? [...walk(path)] : [path];
    if (inside.length === 0) throw new ImgcError(EXIT.usage, `there is no .imgspec file in ${printableLine(path)}`);
    for (const file of inside) found.add(file);
  }
  return [...found];
}

function stat(path: string): Stats {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) throw new ImgcError(EXIT.usage, `there is no ${printableLine(path)}`);
  return found;
}

function* walk(folder: string): Generator<string> {
  const entries = readdirSync(folder, { withFileTypes: true });
  for (const entry of entries.toSorted((left, right) => (left.name < right.name ? -1 : 1))) {
    if (entry.name.startsWith(".") || entry.name === "node_modules") continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* walk(path);
    else if (entry.isFile() && entry.name.endsWith(".imgspec")) yield path;
  }
}
