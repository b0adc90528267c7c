/** Finds the `.imgspec` files for the path arguments of a command. */
import type { Stats } from "node:fs";
import { join } from "node:path";
import { printableLine } from "../util/printable.ts";
import { EXIT, ImgcError } from "../util/errors.ts";
import { entriesOf, missingText, statNamed } from "../util/named-path.ts";

export function isSpec(path: string): boolean {
  return path.endsWith(".imgspec");
}

/** Named files, and all files below named folders, without hidden files, node_modules and targets of symbolic links. */
export function findFiles(paths: readonly string[]): string[] {
  const found = new Set<string>();
  for (const path of paths) {
    const inside = stat(path).isDirectory() ? [...walk(path)] : [path];
    if (inside.length === 0) throw new ImgcError(EXIT.usage, `no .imgspec file in ${printableLine(path)}`);
    for (const file of inside) found.add(file);
  }
  return [...found];
}

function stat(path: string): Stats {
  const found = statNamed(path);
  if (found === undefined) throw new ImgcError(EXIT.usage, missingText(path));
  return found;
}

function* walk(folder: string): Generator<string> {
  for (const entry of entriesOf(folder).toSorted((left, right) => (left.name < right.name ? -1 : 1))) {
    if (entry.name.startsWith(".") || entry.name === "node_modules") continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* walk(path);
    else if (entry.isFile() && isSpec(entry.name)) yield path;
  }
}
