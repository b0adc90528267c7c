/** The examples of the playground: the descriptions in `examples` that compile without a lock file. */
import { existsSync, globSync, readFileSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { check } from "../../src/language/index.ts";
import { compileSheet } from "../../src/playground/compile-sheet.ts";
import type { Sheet } from "../../src/playground/sheet.ts";

/** The example that a visitor sees first. */
const FIRST = "hello.imgspec";

export function exampleSheets(root: string): Sheet[] {
  const sheets = globSync("examples/*.imgspec", { cwd: root })
    .toSorted()
    .map((path) => sheetOf(join(root, path)))
    .filter((sheet) => compileSheet(sheet, "").nix !== undefined);
  return sheets.toSorted((a, b) => Number(b.name === FIRST) - Number(a.name === FIRST));
}

/** The text of a description, and the files for which the checker looks. */
function sheetOf(path: string): Sheet {
  const text = readFileSync(path, "utf8");
  const files = new Set<string>();
  const exists = (file: string) => {
    const isThere = existsSync(file);
    if (isThere) files.add(relative(dirname(path), file));
    return isThere;
  };
  check({ path, text }, { exists, read: () => undefined });
  return { name: basename(path), text, files: [...files].toSorted() };
}
