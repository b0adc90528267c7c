/** Files and folders as they were named -> the .imgspec files that are meant. */
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { EXIT, UserError } from "./exit.ts";

const EXTENSION = ".imgspec";

/** Folders give all .imgspec files below them, but not those of hidden folders and of node_modules. */
export function findSpecs(names: readonly string[]): string[] {
  const found = new Set<string>();
  for (const name of names) {
    if (statSync(name, { throwIfNoEntry: false })?.isDirectory() !== true) {
      found.add(name);
      continue;
    }
    const inside = below(name);
    if (inside.length === 0) throw new UserError(EXIT.usage, `there is no ${EXTENSION} file in ${name}`);
    for (const file of inside) found.add(file);
  }
  return [...found];
}

function below(folder: string): string[] {
  const entries = readdirSync(folder, { withFileTypes: true }).toSorted((a, b) => (a.name < b.name ? -1 : 1));
  return entries.flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name.startsWith(".") || entry.name === "node_modules" ? [] : below(path);
    return entry.name.endsWith(EXTENSION) ? [path] : [];
  });
}
